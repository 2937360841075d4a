import type { DateOrder, DecimalMark, Mapping, Source, SourceColumn } from '../catalog/definitions.ts';
import { normalizeHeader } from '../text/names.ts';
import { identifier, literal } from '../warehouse/duckdb.ts';
import { fieldColumn, type Layout } from './layout.ts';

/** The field names of a file for each column of a source, or for each field a mapping reads; the preferred name first. */
export type FieldMap = ReadonlyMap<string, readonly string[]>;

/** Formats of values that do not show it themselves. */
export interface ValueFormats {
  /** IANA time zone of times without an offset. */
  zone: string;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
}

/** How to read a file into a source: its layout, the mapping of names to columns, and the formats of values. */
export interface ReadPlan {
  layout: Layout;
  source: Source;
  mapping?: Mapping;
  fieldMap: FieldMap;
  forms: ValueFormats;
  /** True to leave values out of messages, because they may name a person. */
  hideValues?: boolean;
  /** True if no JSON row has a key that the layout does not name. */
  hasAllKeys?: boolean;
  /** True if a JSON line is known not to be an object, or to repeat a key. */
  hasBrokenLines?: boolean;
  /** True if IDs may have a NUL, for which rows are rejected. */
  mayHaveNul?: boolean;
  /** True if rows are independent: the date order is not inferred from other rows. */
  rowByRow?: boolean;
}

/** Columns the file has values for. */
export function suppliedColumns({ mapping, fieldMap }: ReadPlan): string[] {
  if (!mapping) return [...fieldMap.keys()];
  const isMapped = (fields: readonly string[] = []): boolean =>
    fields.length === 0 || fields.some((field) => (fieldMap.get(field) ?? []).length > 0);
  return mapping.targetColumns.filter((column) => isMapped(mapping.sourceFields[column]));
}

/** Columns with values from the file or from a default, and the key; all others are null in every row. */
export function writtenColumns(plan: ReadPlan): string[] {
  const supplied = new Set(suppliedColumns(plan));
  const { columns } = plan.source;
  return columns
    .filter(
      (column) =>
        supplied.has(column.name) ||
        plan.source.key.includes(column.name) ||
        defaultApplies(column, plan.source, supplied),
    )
    .map(({ name }) => name);
}

/** Whether a column's default can give values: not if it only uses columns the file does not have. */
function defaultApplies(
  { name, default: defaultSql }: SourceColumn,
  source: Source,
  supplied: ReadonlySet<string>,
): boolean {
  if (defaultSql === undefined) return false;
  const usedColumns = referencedColumns(defaultSql, source).filter((each) => each !== name);
  return name === source.version || usedColumns.length === 0 || usedColumns.some((each) => supplied.has(each));
}

/** Columns of the source that an expression uses. */
export const referencedColumns = (expression: string, source: Source): string[] =>
  source.columns.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(expression));

/** Name of the column that holds a value's text. */
export const textColumn = (column: string): string => identifier(`text of ${column}`);

/** Names of technical columns, which no source column can have. */
export const rowColumn = {
  line: '"row: line"',
  text: '"row: text"',
  isRecord: '"row: is a record"',
  isBad: '"row: is bad"',
  keyConflict: (place: number): string => `"row: key conflict ${place}"`,
  repeatedKey: '"row: repeated key"',
  problem: '"row: problem"',
  field: (place: number): string => `"row: field ${place}"`,
};

/**
 * A select of each column's text, from the first of its field names with a value: trimmed, empty as null.
 * @param extra further expressions to select, by name
 */
export function textRows(plan: ReadPlan, reader: string, extra: Record<string, string> = {}): string {
  const { source, mapping, fieldMap } = plan;
  const fieldSql = (name: string): string => {
    const parts = (fieldMap.get(name) ?? []).map((each) =>
      withoutNullValues(trimSql(readerColumn(plan, each)), each, mapping),
    );
    return parts.length > 1 ? `coalesce(${parts.join(', ')})` : (parts[0] ?? 'null::varchar');
  };
  const extraColumns = Object.entries(extra).map(([name, expression]) => `${expression} as ${name}`);
  if (!mapping)
    return `select ${[...source.columns.map(({ name }) => `${fieldSql(name)} as ${textColumn(name)}`), ...extraColumns].join(', ')} from ${reader}`;

  const input = [
    ...mapping.inputFields.map((name) => `${fieldSql(name)} as ${identifier(name)}`),
    ...extraColumns,
  ].join(', ');
  const names = Object.keys(extra);
  const select = mapping.sql.replace(firstSelect, `$& ${names.map((name) => `${name}, `).join('')}`);
  const textColumns = source.columns.map(
    ({ name }) =>
      `${mapping.targetColumns.includes(name) ? `nullif((${identifier(name)})::varchar, '')` : 'null::varchar'} as ${textColumn(name)}`,
  );
  return `select ${[...textColumns, ...names].join(', ')} from (with input as not materialized (select ${input} from ${reader}) ${select}\n)`;
}

/** The first select of a mapping's statement, after its comments. */
const firstSelect = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*select\b/i;

/** SQL for a field of the file in the reader's output; null if the layout does not have it. */
export function readerColumn({ layout }: ReadPlan, name: string): string {
  const place = layout.names.indexOf(name);
  return place < 0 ? 'null::varchar' : fieldColumn(place);
}

/** SQL that trims a text and turns an empty one into null. Trims only if needed: trimming every value takes a third of the read. */
export const trimSql = (text: string): string =>
  `case when prefix(${text}, ' ') or suffix(${text}, ' ') then nullif(trim(${text}), '') else nullif(${text}, '') end`;

function withoutNullValues(text: string, name: string, mapping: Mapping | undefined): string {
  const nullValues = nullValuesOf(mapping, name);
  return nullValues.length === 0
    ? text
    : `case when ${nullValueCondition(text, nullValues)} then null else ${text} end`;
}

/** Texts that a mapping imports as null in a field. */
export const nullValuesOf = (mapping: Mapping | undefined, name: string): string[] =>
  Object.entries(mapping?.nullValues ?? {}).flatMap(([field, texts]) =>
    field === '*' || normalizeHeader(field) === normalizeHeader(name) ? texts : [],
  );

/** SQL condition that a text is one of the null values; a trailing `*` matches anything. */
export function nullValueCondition(text: string, nullValues: readonly string[]): string {
  const exact = nullValues.filter((each) => !each.endsWith('*')).map(literal);
  const prefixes = nullValues
    .filter((each) => each.endsWith('*'))
    .map((each) => `prefix(${text}, ${literal(each.slice(0, -1))})`);
  return [...(exact.length > 0 ? [`${text} in (${exact.join(', ')})`] : []), ...prefixes].join(' or ');
}

/** Field names of the file that are read. */
export const mappedFields = ({ fieldMap }: ReadPlan): string[] => [...new Set([...fieldMap.values()].flat())];

/** Checks for NUL in the key and in IDs; none if the file has no NUL. */
export const nulChecks = (plan: ReadPlan): { when: string; column: string; reason: string }[] =>
  plan.mayHaveNul
    ? suppliedColumns(plan)
        .filter((name) => plan.source.key.includes(name) || name.endsWith('_id'))
        .map((name) => ({
          when: `contains(${textColumn(name)}, chr(0))`,
          column: name,
          reason: 'contains a NUL character',
        }))
    : [];
