import type { DateOrder, DecimalMark, Mapping, Source, SourceColumn } from '../catalog/definitions.ts';
import { normalizeHeader } from '../text/names.ts';
import { identifier, literal } from '../warehouse/engine.ts';
import type { Layout } from './layout.ts';

/** Which of a file's names feed each column of a source, or each field a mapping reads; the best name first. */
export type Feeds = ReadonlyMap<string, readonly string[]>;

/** How values are written, where the value does not say. */
export interface Forms {
  /** IANA zone of times without an offset. */
  zone: string;
  dateOrder?: DateOrder;
  decimalMark?: DecimalMark;
}

/** A file as it is laid out, the source it is for, how its names meet the source's columns or the mapping's fields, and how to read its values. */
export interface Reading {
  layout: Layout;
  source: Source;
  mapping?: Mapping;
  feeds: Feeds;
  forms: Forms;
  /** True where values are not to be told, for they may name a person. */
  discreet?: boolean;
  /** True where no row has a key that is not known. */
  hasAllKeys?: boolean;
  /** True where each row stands for itself: none tells how another is to be read. */
  rowByRow?: boolean;
}

/** Columns a file gives a text for. */
export function givenColumns({ mapping, feeds }: Reading): string[] {
  if (!mapping) return [...feeds.keys()];
  const isFed = (fields: readonly string[] = []): boolean =>
    fields.length === 0 || fields.some((field) => (feeds.get(field) ?? []).length > 0);
  return mapping.targetColumns.filter((column) => isFed(mapping.sourceFields[column]));
}

/** Columns a file speaks of, itself or by their defaults, and the key; the others are null in every row and need no room. */
export function filledColumns(reading: Reading): string[] {
  const given = new Set(givenColumns(reading));
  const { columns } = reading.source;
  return columns
    .filter(
      (column) =>
        given.has(column.name) || reading.source.key.includes(column.name) || isFilledIn(column, reading.source, given),
    )
    .map(({ name }) => name);
}

/** Whether a column's default says something of these rows: not where it looks only at columns the file lacks. */
function isFilledIn({ name, default: filling }: SourceColumn, source: Source, given: ReadonlySet<string>): boolean {
  if (filling === undefined) return false;
  const looksAt = mentioned(filling, source).filter((each) => each !== name);
  return name === source.version || looksAt.length === 0 || looksAt.some((each) => given.has(each));
}

/** Columns of the source an expression speaks of. */
export const mentioned = (expression: string, source: Source): string[] =>
  source.columns.map(({ name }) => name).filter((name) => new RegExp(`\\b${name}\\b`, 'i').test(expression));

/** Name of a column's text beside its typed value. */
export const textOf = (column: string): string => identifier(`text of ${column}`);

/** What is known of a row beside the columns of its source, under names no column has. */
export const row = {
  line: '"row: line"',
  text: '"row: text"',
  isRecord: '"row: is a record"',
  isBad: '"row: is bad"',
  late: '"row: late key"',
  problem: '"row: problem"',
  field: (place: number): string => `"row: field ${place}"`,
};

/** A select of each column's text: trimmed, empty as null, from the best of its names that has one; `also` comes along, by name. */
export function textRows(reading: Reading, reader: string, also: Record<string, string> = {}): string {
  const { source, mapping, feeds } = reading;
  const fed = (name: string): string => {
    const parts = (feeds.get(name) ?? []).map((each) =>
      withoutSentinels(trimmed(rawName(reading, each)), each, mapping),
    );
    return parts.length > 1 ? `coalesce(${parts.join(', ')})` : (parts[0] ?? 'null::varchar');
  };
  const carried = Object.entries(also).map(([name, expression]) => `${expression} as ${name}`);
  if (!mapping)
    return `select ${[...source.columns.map(({ name }) => `${fed(name)} as ${textOf(name)}`), ...carried].join(', ')} from ${reader}`;

  const input = [...mapping.inputFields.map((name) => `${fed(name)} as ${identifier(name)}`), ...carried].join(', ');
  const names = Object.keys(also);
  const select = mapping.sql.replace(firstSelect, `$& ${names.map((name) => `${name}, `).join('')}`);
  const texts = source.columns.map(
    ({ name }) =>
      `${mapping.targetColumns.includes(name) ? `nullif((${identifier(name)})::varchar, '')` : 'null::varchar'} as ${textOf(name)}`,
  );
  return `select ${[...texts, ...names].join(', ')} from (with input as not materialized (select ${input} from ${reader}) ${select}\n)`;
}

/** The word a mapping's statement begins with, past its comments. */
const firstSelect = /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/)*select\b/i;

/** What the reader calls a field of the file. */
export const rawName = ({ layout }: Reading, name: string): string =>
  layout.format === 'csv' ? csvField(layout.names.indexOf(name)) : identifier(name);

/** Name of a CSV field by its place, whatever the header calls it. */
export const csvField = (place: number): string => `c${place}`;

/** Trimming every value would cost a third of the reading, so only those with a blank at an end are. */
export const trimmed = (text: string): string =>
  `case when prefix(${text}, ' ') or suffix(${text}, ' ') then nullif(trim(${text}), '') else nullif(${text}, '') end`;

function withoutSentinels(text: string, name: string, mapping: Mapping | undefined): string {
  const sentinels = sentinelsOf(mapping, name);
  return sentinels.length === 0 ? text : `case when ${isOneOf(text, sentinels)} then null else ${text} end`;
}

/** The texts that mean nothing in a field of a mapped file. */
export const sentinelsOf = (mapping: Mapping | undefined, name: string): string[] =>
  Object.entries(mapping?.sentinels ?? {}).flatMap(([field, texts]) =>
    field === '*' || normalizeHeader(field) === normalizeHeader(name) ? texts : [],
  );

/** Whether a text is one of the sentinels; a `*` at the end of one stands for anything. */
export function isOneOf(text: string, sentinels: readonly string[]): string {
  const whole = sentinels.filter((each) => !each.endsWith('*')).map(literal);
  const begun = sentinels
    .filter((each) => each.endsWith('*'))
    .map((each) => `prefix(${text}, ${literal(each.slice(0, -1))})`);
  return [...(whole.length > 0 ? [`${text} in (${whole.join(', ')})`] : []), ...begun].join(' or ');
}

export const fedKeys = ({ feeds }: Reading): string[] => [...new Set([...feeds.values()].flat())];

/** Columns no key seen so far feeds: their own names may still turn up further down. */
export const unfedColumns = ({ source, mapping, feeds, hasAllKeys }: Reading): string[] =>
  mapping || hasAllKeys ? [] : source.columns.map(({ name }) => name).filter((name) => !feeds.has(name));

/** The first of these keys a row has. */
export const firstPresent = (keys: readonly string[]): string =>
  keys.length === 0
    ? 'null::varchar'
    : `coalesce(${keys.map((key) => `case when ${identifier(key)} is not null then ${literal(key)} end`).join(', ')})`;
