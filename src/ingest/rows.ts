import type { Source } from '../catalog/definitions.ts';
import { identifier, literal } from '../warehouse/engine.ts';
import { textOf } from './casts.ts';
import type { Layout } from './layout.ts';

/** Which of a file's names feed each column, the best name first. */
export type Feeds = ReadonlyMap<string, readonly string[]>;

/** A file as it is laid out, the source it is for, and how its names meet the source's columns. */
export interface Reading {
  layout: Layout;
  source: Source;
  feeds: Feeds;
}

/** Columns a file speaks of; the others are null in every row and need no room. */
export const filledColumns = ({ source, feeds }: Reading): string[] =>
  source.columns.filter((column) => feeds.has(column.name) || column.default !== undefined).map(({ name }) => name);

/** A select of each column's text: trimmed, empty as null, from the best of its names that has one; `also` comes along. */
export function textRows({ layout, source, feeds }: Reading, reader: string, also: readonly string[] = []): string {
  const rawName = (name: string): string => (layout.format === 'csv' ? csvField(layout.names.indexOf(name)) : identifier(name));
  const texts = source.columns.map(({ name }) => {
    const parts = (feeds.get(name) ?? []).map((each) => trimmed(rawName(each)));
    const text = parts.length > 1 ? `coalesce(${parts.join(', ')})` : (parts[0] ?? 'null::varchar');
    return `${text} as ${textOf(name)}`;
  });
  return `select ${[...texts, ...also].join(', ')} from ${reader}`;
}

/** Name of a CSV field by its place, whatever the header calls it. */
export const csvField = (place: number): string => `c${place}`;

/** Trimming every value would cost a third of the reading, so only those with a blank at an end are. */
const trimmed = (text: string): string => `case when prefix(${text}, ' ') or suffix(${text}, ' ') then nullif(trim(${text}), '') else nullif(${text}, '') end`;

export const fedKeys = ({ feeds }: Reading): string[] => [...new Set([...feeds.values()].flat())];

/** Columns no key seen so far feeds: their own names may still turn up further down. */
export const unfedColumns = ({ source, feeds }: Reading): string[] => source.columns.map(({ name }) => name).filter((name) => !feeds.has(name));

/** The first of these keys a row has. */
export const firstPresent = (keys: readonly string[]): string =>
  keys.length === 0 ? 'null::varchar' : `coalesce(${keys.map((key) => `case when ${identifier(key)} is not null then ${literal(key)} end`).join(', ')})`;
