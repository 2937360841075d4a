import type { SourceColumn } from '../catalog/definitions.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { readableRows } from './layout.ts';
import type { RowIssue } from './row-issues.ts';
import { fieldText, mappedFields, type ReadPlan } from './text-rows.ts';

/** Values that come from more than one field of a file: the first field with a value is used. */
interface SharedValue {
  /** Column of the source, or field of the mapping. */
  name: string;
  fields: readonly string[];
  column: SourceColumn | undefined;
}

/**
 * Rows in which two fields of a file have different values for one column, by column and ignored field. Reads the file once more, and
 * only if a column has several fields.
 */
export async function columnConflicts(duckdb: DuckDb, plan: ReadPlan): Promise<RowIssue[]> {
  const shared = sharedValues(plan);
  if (shared.length === 0) return [];
  const conflicts = shared.flatMap((value) => conflictsOf(plan, value));
  const key = keyText(plan);
  const counts = conflicts.flatMap(({ condition, used, ignored }, at) => [
    `count(*) filter (${condition}) as n${at}`,
    // One row as an example: the same one in every run.
    `min({'first': ${key}, 'used': ${used}, 'ignored': ${ignored}}) filter (${condition}) as example${at}`,
  ]);
  const row = await duckdb.row(`select ${counts.join(', ')} from ${readableRows(plan.layout, mappedFields(plan))}`);
  return conflicts.flatMap(({ name, usedField, ignoredField }, at) => {
    const rows = Number(row[`n${at}`]);
    if (rows === 0) return [];
    const example = exampleOf(row[`example${at}`]);
    const values = plan.hideValues ? undefined : example;
    return [
      {
        column: name,
        reason: `in ${usedField} differs from ${values ? `"${values.ignored}" in ` : ''}${ignoredField}; ${usedField} is used`,
        rows,
        value: values?.used ?? null,
        first: example.first,
      },
    ];
  });
}

/** Columns or mapped fields that a file has several fields for. */
function sharedValues({ source, mapping, fieldMap }: ReadPlan): SharedValue[] {
  return [...fieldMap].flatMap(([name, fields]): SharedValue[] => {
    if (fields.length < 2) return [];
    const target = mapping ? undefined : source.columns.find((column) => column.name === name);
    return [{ name, fields, column: target }];
  });
}

interface Conflict {
  name: string;
  usedField: string;
  ignoredField: string;
  used: string;
  ignored: string;
  condition: string;
}

/** Each field of a value except the first, compared with the fields before it. */
function conflictsOf(plan: ReadPlan, { name, fields, column }: SharedValue): Conflict[] {
  const texts = fields.map((field) => fieldText(plan, field));
  return fields.flatMap((ignoredField, at) =>
    fields.slice(0, at).map((usedField, before): Conflict => {
      const [used, ignored] = [texts[before]!, texts[at]!];
      const isUsed = texts.slice(0, before).map((text) => `(${text}) is null`);
      const differs = `(${used}) <> (${ignored}) and ${comparable(plan, column, used)} is distinct from ${comparable(plan, column, ignored)}`;
      return { name, usedField, ignoredField, used, ignored, condition: [...isUsed, differs].join(' and ') };
    }),
  );
}

/** SQL for a value to compare: equal numbers and times may be written in different ways. */
function comparable({ forms }: ReadPlan, column: SourceColumn | undefined, text: string): string {
  const [order, mark] = [forms.dateOrder, forms.decimalMark].map((form) =>
    form === undefined ? 'null::varchar' : literal(form),
  );
  if (column === undefined) return `(${text})`;
  if (column.type === 'TIMESTAMP')
    return `coalesce(written_instant(${text}, ${order}, ${literal(forms.zone)})::varchar, ${text})`;
  if (column.type === 'BOOLEAN') return `coalesce(try_cast(${text} as boolean)::varchar, ${text})`;
  if (/^(DOUBLE|DECIMAL|BIGINT|INTEGER)/.test(column.type))
    return `coalesce(written_number(${text}, ${literal(column.unit ?? '')}, ${mark})::varchar, ${text})`;
  return `(${text})`;
}

/** SQL for the key of a row as the file writes it, or its first fields if the mapping makes the key of several. */
function keyText(plan: ReadPlan): string {
  const { source, mapping, fieldMap } = plan;
  const fields = mapping ? source.key.flatMap((column) => mapping.sourceFields[column] ?? []) : source.key;
  const names = [...new Set(fields.flatMap((name) => fieldMap.get(name)?.[0] ?? []))];
  const keyFields = names.length > 0 ? names : mappedFields(plan).slice(0, 2);
  return `concat_ws(' ', ${keyFields.map((name) => fieldText(plan, name)).join(', ')})`;
}

function exampleOf(value: unknown): { first: string; used: string; ignored: string } {
  const entries = (value as { entries?: Record<string, unknown> }).entries ?? (value as Record<string, unknown>);
  return { first: String(entries['first']), used: String(entries['used']), ignored: String(entries['ignored']) };
}
