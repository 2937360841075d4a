import type { DateOrder, DecimalMark, Mapping, Source, SourceColumn } from '../catalog/definitions.ts';
import { normalizeHeader } from '../text/names.ts';
import { identifier, literal } from '../warehouse/duckdb.ts';
import type { Layout } from './layout.ts';

/** Which of a file's names feed each column of a source, or each field a mapping reads; the best name first. */
export type FieldMap = ReadonlyMap<string, readonly string[]>;

/** How values are written, where the value does not say. */
export interface ValueFormats {
  /** IANA zone of times without an offset. */
  zone: string;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
}

/** A file as it is laid out, the source it is for, how its names meet the source's columns or the mapping's fields, and how to read its values. */
export interface ReadPlan {
  layout: Layout;
  source: Source;
  mapping?: Mapping;
  fieldMap: FieldMap;
  forms: ValueFormats;
  /** True where values are not to be told, for they may name a person. */
  hideValues?: boolean;
  /** True where no row has a key that is not known. */
  hasAllKeys?: boolean;
  /** True where each row stands for itself: none tells how another is to be read. */
  rowByRow?: boolean;
}

/** Columns a file gives a text for. */
export function suppliedColumns({ mapping, fieldMap }: ReadPlan): string[] {
  if (!mapping) return [...fieldMap.keys()];
  const isMapped = (fields: readonly string[] = []): boolean =>
    fields.length === 0 || fields.some((field) => (fieldMap.get(field) ?? []).length > 0);
  return mapping.targetColumns.filter((column) => isMapped(mapping.sourceFields[column]));
}

/** Columns a file speaks of, itself or by their defaults, and the key; the others are null in every row and need no room. */
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

/** Whether a column's default says something of these rows: not where it looks only at columns the file lacks. */
function defaultApplies(
  { name, default: defaultSql }: SourceColumn,
  source: Source,
  supplied: ReadonlySet<string>,
): boolean {
  if (defaultSql === undefined) return false;
  const usedColumns = referencedColumns(defaultSql, source).filter((each) => each !== name);
  return name === source.version || usedColumns.length === 0 || usedColumns.some((each) => supplied.has(each));
}

/** Columns of the source an expression speaks of. */
export const referencedColumns = (expression: string, source: Source): string[] =>
  source.columns.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(expression));

/** Name of a column's text beside its typed value. */
export const textColumn = (column: string): string => identifier(`text of ${column}`);

/** What is known of a row beside the columns of its source, under names no column has. */
export const rowColumn = {
  line: '"row: line"',
  text: '"row: text"',
  isRecord: '"row: is a record"',
  isBad: '"row: is bad"',
  late: '"row: late key"',
  problem: '"row: problem"',
  field: (place: number): string => `"row: field ${place}"`,
};

/** A select of each column's text: trimmed, empty as null, from the best of its names that has one; `also` comes along, by name. */
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

/** The word a mapping's statement begins with, past its comments. */
const firstSelect = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*select\b/i;

/** What the reader calls a field of the file. */
export const readerColumn = ({ layout }: ReadPlan, name: string): string =>
  layout.format === 'csv' ? csvField(layout.names.indexOf(name)) : identifier(name);

/** Name of a CSV field by its place, whatever the header calls it. */
export const csvField = (place: number): string => `c${place}`;

/** Trimming every value would cost a third of the reading, so only those with a blank at an end are. */
export const trimSql = (text: string): string =>
  `case when prefix(${text}, ' ') or suffix(${text}, ' ') then nullif(trim(${text}), '') else nullif(${text}, '') end`;

function withoutNullValues(text: string, name: string, mapping: Mapping | undefined): string {
  const nullValues = nullValuesOf(mapping, name);
  return nullValues.length === 0
    ? text
    : `case when ${nullValueCondition(text, nullValues)} then null else ${text} end`;
}

/** The texts that mean nothing in a field of a mapped file. */
export const nullValuesOf = (mapping: Mapping | undefined, name: string): string[] =>
  Object.entries(mapping?.nullValues ?? {}).flatMap(([field, texts]) =>
    field === '*' || normalizeHeader(field) === normalizeHeader(name) ? texts : [],
  );

/** Whether a text is one of the nullValues; a `*` at the end of one stands for anything. */
export function nullValueCondition(text: string, nullValues: readonly string[]): string {
  const exact = nullValues.filter((each) => !each.endsWith('*')).map(literal);
  const prefixes = nullValues
    .filter((each) => each.endsWith('*'))
    .map((each) => `prefix(${text}, ${literal(each.slice(0, -1))})`);
  return [...(exact.length > 0 ? [`${text} in (${exact.join(', ')})`] : []), ...prefixes].join(' or ');
}

export const mappedFields = ({ fieldMap }: ReadPlan): string[] => [...new Set([...fieldMap.values()].flat())];

/** Columns no key seen so far feeds: their own names may still turn up further down. */
export const unmappedColumns = ({ source, mapping, fieldMap, hasAllKeys }: ReadPlan): string[] =>
  mapping || hasAllKeys ? [] : source.columns.map(({ name }) => name).filter((name) => !fieldMap.has(name));

/** The first of these keys a row has. */
export const firstPresent = (keys: readonly string[]): string =>
  keys.length === 0
    ? 'null::varchar'
    : `coalesce(${keys.map((key) => `case when ${identifier(key)} is not null then ${literal(key)} end`).join(', ')})`;
