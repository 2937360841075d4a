import { formatTime } from './format.ts';
import type { Columns, Expected, FileStyle, Layout } from './layout.ts';
import { Random } from './random.ts';
import { writeFile } from './write-file.ts';

/** A file of a table other than sessions. */
export interface TableSpec<Row> {
  name: string;
  language: string;
  source: string;
  count: number;
  row: (random: Random, place: number) => Row;
  columns: Columns<Row>;
  style: FileStyle;
  zone?: string;
  options?: readonly string[];
  /** The columns of the table that a row must fill. */
  expected: (row: Row) => Expected;
}

/** Writes the file of a layout, and computes the rows it must become. */
export function tableLayout<Row>(spec: TableSpec<Row>, seed: number): Layout {
  const random = new Random(seed);
  const rows = Array.from({ length: spec.count }, (_, place) => spec.row(random, place));
  const columns = random.shuffle(spec.columns).flat();
  const expected = rows.map((row) => spec.expected(row));
  const headers: Record<string, string[]> = {};
  for (const { header, fills } of columns) for (const each of fills) (headers[each] ??= []).push(header);
  return {
    name: spec.name,
    language: spec.language,
    file: `${spec.name}.csv`,
    bytes: writeFile(random.shuffle(rows), columns, spec.style, random),
    options: [...(spec.zone === undefined ? [] : ['--tz', spec.zone]), ...(spec.options ?? [])],
    source: spec.source,
    compared: Object.keys(expected[0]!),
    headers,
    expected,
  };
}

/** The time in UTC of a wall-clock time, both in milliseconds; not for the hours when clocks change. */
export function utcOf(wall: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(wall);
  const offset = /GMT(?:([+-])(\d\d):(\d\d))?/.exec(parts.find(({ type }) => type === 'timeZoneName')!.value)!;
  const minutes = Number(offset[2] ?? 0) * 60 + Number(offset[3] ?? 0);
  return wall - (offset[1] === '-' ? -minutes : minutes) * 60_000;
}

/** A time as the table has it, in UTC. */
export const stored = (wall: number, zone?: string): string =>
  formatTime(zone === undefined ? wall : utcOf(wall, zone), 'yyyy-MM-dd HH:mm:ss');

export const day = 24 * 60 * 60 * 1000;
