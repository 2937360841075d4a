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
  /** Units to append to the numbers of a field of the file, from its name. */
  fieldUnits?: ReadonlyMap<string, string>;
  /** Values of columns that the file does not have, from its header. */
  constants?: ReadonlyMap<string, string>;
  forms: ValueFormats;
  /** True to leave values out of messages, because they may name a person. */
  hideValues?: boolean;
  /** True if no JSON row has a key that the layout does not name. */
  hasAllKeys?: boolean;
  /** True if a JSON line is known not to be an object, or to repeat a key. */
  hasBrokenLines?: boolean;
  /** True if valid rows are totals, which are skipped. */
  hasTotals?: boolean;
  /** True if IDs may have a NUL, for which rows are rejected. */
  mayHaveNul?: boolean;
  /** True if rows are independent: the date order and the decimal mark are not inferred from other rows. */
  rowByRow?: boolean;
  /** True if the decimal mark is not inferred: other rows of the file were imported without it. */
  keepDecimalMark?: boolean;
}

/** Columns of a source, and the inputs that defaults compute columns from. */
export const typedFields = ({ columns, inputs }: Source): SourceColumn[] => [...columns, ...inputs];

/** Columns the file has values for. */
export function suppliedColumns({ mapping, fieldMap, constants }: ReadPlan): string[] {
  if (!mapping) return [...fieldMap.keys(), ...(constants?.keys() ?? [])];
  const isMapped = (fields: readonly string[] = []): boolean =>
    fields.length === 0 || fields.some((field) => (fieldMap.get(field) ?? []).length > 0);
  return mapping.targetColumns.filter((column) => isMapped(mapping.sourceFields[column]));
}

/** Whether every key is the default of its source. */
export const hasDefaultKeys = (plan: ReadPlan): boolean =>
  !plan.source.key.some((name) => suppliedColumns(plan).includes(name)) &&
  (plan.mapping?.keyFrom ?? []).length === 0 &&
  (plan.mapping?.separateBy ?? []).length === 0 &&
  plan.mapping?.duplicates !== 'keep';

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

/** Columns and inputs of the source that an expression uses. */
export const referencedColumns = (expression: string, source: Source): string[] =>
  typedFields(source)
    .map(({ name }) => name)
    .filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(expression));

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
  skip: '"row: skip"',
  field: (place: number): string => `"row: field ${place}"`,
};

/**
 * A select of each column's text, from the first of its field names with a value: trimmed, empty as null.
 * @param extra further expressions to select, by name
 */
export function textRows(plan: ReadPlan, reader: string, extra: Record<string, string> = {}): string {
  const { source, mapping, fieldMap } = plan;
  const fieldSql = (name: string, isParsed = false): string => {
    const parts = (fieldMap.get(name) ?? []).map((each) => fieldText(plan, each, isParsed));
    const constant = plan.constants?.get(name);
    if (parts.length === 0 && constant !== undefined) return literal(constant);
    return parts.length > 1 ? `coalesce(${parts.join(', ')})` : (parts[0] ?? 'null::varchar');
  };
  const extraColumns = Object.entries(extra).map(([name, expression]) => `${expression} as ${name}`);
  if (!mapping)
    return `select ${[...typedFields(source).map(({ name, type }) => `${fieldSql(name, isParsedType.test(type))} as ${textColumn(name)}`), ...extraColumns].join(', ')} from ${reader}`;

  const input = [
    ...mapping.inputFields.map((name) => `${fieldSql(name)} as ${identifier(name)}`),
    ...extraColumns,
  ].join(', ');
  const skip = mapping.skipWhen === undefined ? [] : [rowColumn.skip];
  const names = [...Object.keys(extra), ...skip];
  const items = [...Object.keys(extra), ...skip.map((name) => `${mapping.skipWhen} as ${name}`)];
  const select = mapping.expressions
    ? triedSelect(mapping, items)
    : mapping.sql.replace(firstSelect, `$& ${items.map((item) => `${item}, `).join('')}`);
  const textColumns = typedFields(source).map(
    ({ name }) =>
      `${mapping.targetColumns.includes(name) ? mappedText(mapping, name, plan.forms) : 'null::varchar'} as ${textColumn(name)}`,
  );
  const failures = triedColumns(mapping).map((name) => `${identifier(name)} is null as ${failedColumn(name)}`);
  return `select ${[...textColumns, ...failures, ...names].join(', ')} from (with input as not materialized (select ${input} from ${reader}) ${select}\n)`;
}

/** Columns whose expressions in a mapping can fail. */
export const triedColumns = (mapping: Mapping | undefined): string[] =>
  Object.entries(mapping?.expressions ?? {})
    .filter(([, { isTried }]) => isTried)
    .map(([name]) => name);

/** Name of the column that says whether a value could not be computed. */
export const failedColumn = (column: string): string => identifier(`row: failed ${column}`);

/** Name of the column with the fields that a value is computed from. */
const rawColumn = (column: string): string => identifier(`row: raw ${column}`);

/** The select of a mapping whose expressions can fail: their values as lists, and the fields they are computed from. */
function triedSelect({ expressions = {}, sourceFields }: Mapping, extra: readonly string[]): string {
  const items = Object.entries(expressions).flatMap(([name, { sql, isTried }]) => [
    `${sql} as ${identifier(name)}`,
    ...(isTried
      ? [
          `nullif(concat_ws(', ', ${['null', ...(sourceFields[name] ?? []).map(identifier)].join(', ')}), '') as ${rawColumn(name)}`,
        ]
      : []),
  ]);
  return `select ${[...extra, ...items].join(', ')} from input`;
}

/** The text of a column that a mapping selects; of a value that cannot be computed, the fields it is computed from. */
function mappedText({ expressions, numberColumns }: Mapping, name: string, { decimalMark }: ValueFormats): string {
  const column = identifier(name);
  const isPointed = decimalMark === ',' && numberColumns.includes(name);
  const inFileForm = (text: string): string => (isPointed ? `replace(${text}, '.', ',')` : text);
  return expressions?.[name]?.isTried
    ? `case when ${column} is null then ${rawColumn(name)} else nullif(${inFileForm(`(${column}[1])::varchar`)}, '') end`
    : `nullif(${inFileForm(`(${column})::varchar`)}, '')`;
}

/** The text of a field of the file, with the unit of its name and null values as null. */
export function fieldText(plan: ReadPlan, name: string, isParsed = false): string {
  const unit = plan.fieldUnits?.get(name);
  if (isParsed && unit === undefined && plan.mapping === undefined) return blankToNull(readerColumn(plan, name));
  const text = withoutNullValues(trimSql(readerColumn(plan, name)), name, plan.mapping);
  if (unit === undefined) return text;
  // A value that ends with a letter has a unit of its own.
  return `case when regexp_matches(${text}, '\\p{L}$') then ${text} else ${text} || ${literal(` ${unit}`)} end`;
}

/** The first select of a mapping's statement, after its comments. */
const firstSelect = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*select\b/i;

/** SQL for a field of the file in the reader's output; null if the layout does not have it. */
export function readerColumn({ layout }: ReadPlan, name: string): string {
  const place = layout.names.indexOf(name);
  return place < 0 ? 'null::varchar' : fieldColumn(place);
}

/**
 * SQL that trims a text and turns an empty one into null. Only texts with other than ASCII characters, or with a space at an end, are
 * trimmed: trimming every value takes a third of the read.
 */
export const trimSql = (text: string): string =>
  `case when ${text} < '!' or suffix(${text}, ' ') or strlen(${text}) <> length(${text}) then trim_text(${text}) else ${text} end`;

/** Types whose casts ignore spaces around a value. */
const isParsedType = /^(TIMESTAMP|DOUBLE|DECIMAL)/;

/** SQL that turns a blank text into null, and trims other texts only at low cost: the cast of their type ignores spaces. */
const blankToNull = (text: string): string =>
  `case when ${text} < '!' or ${text} > '~' or suffix(${text}, ' ') then trim_text(${text}) else ${text} end`;

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
