import { clipValue } from '../text/plain-text.ts';
import { identifier, type DuckDb } from '../warehouse/engine.ts';
import { readableRows } from './layout.ts';
import { fedKeys, isOneOf, mentioned, rawName, sentinelsOf, trimmed, type Reading } from './rows.ts';

/** What a run tells of rows that hold something hardly meant, or a value that was rejected: how many, and the first. */
export interface Noted {
  column: string | null;
  reason: string;
  rows: number;
  value: string | null;
  /** Line of the first; of a row taken in, its key. */
  first: string;
}

/** What is said of a value, or of a row as a whole. */
export function said({ column, value, reason }: Noted): string {
  if (column === null) return `the row ${reason}`;
  return `${clipValue(column)}${value === null ? '' : ` "${clipValue(value.slice(0, 60))}"`} ${reason}`;
}

/** Rows just taken in, or staged, of which the source has doubts. */
export async function doubtful(
  engine: DuckDb,
  { source, discreet }: Reading,
  filled: readonly string[],
  table: string,
): Promise<Noted[]> {
  const doubts = source.doubts.filter(({ when, column }) =>
    mentioned(`${when} ${column}`, source).every((name) => filled.includes(name)),
  );
  if (doubts.length === 0) return [];
  const key = `concat_ws(' ', ${source.key.map(identifier).join(', ')})`;
  const counts = doubts.map(({ when }, at) => `count(*) filter (${when}) as n${at}`).join(', ');
  const counted = await engine.row(`select ${counts} from ${table}`);
  const noted: Noted[] = [];
  for (const [at, { when, column, reason }] of doubts.entries()) {
    const rows = Number(counted[`n${at}`]);
    if (rows === 0) continue;
    const { first, value } = await engine.row(
      `select ${key} as first, (${identifier(column)})::varchar as value from ${table} where ${when} order by rowid limit 1`,
    );
    noted.push({
      column,
      reason,
      rows,
      value: value === null || discreet ? null : String(value),
      first: String(first),
    });
  }
  return noted;
}

/** Why rows are in `bad_rows`, most frequent first. */
export async function rejected(engine: DuckDb, { discreet }: Reading): Promise<Noted[]> {
  const rows = await engine.rows(
    `select column_name, reason, count(*) as n, arg_min(value, line) as value, min(line) as line
     from (select * replace (case when column_name is null then null else value end as value) from bad_rows)
     group by column_name, reason order by n desc, line`,
  );
  const text = (value: unknown): string | null => (value === null ? null : String(value));
  return rows.map((row) => ({
    column: text(row['column_name']),
    reason: String(row['reason']),
    rows: Number(row['n']),
    value: discreet ? null : text(row['value']),
    first: text(row['line']) ?? '?',
  }));
}

/** How often each field of a mapped file held a text that means nothing, and was left empty. */
export async function emptied(engine: DuckDb, reading: Reading): Promise<Record<string, number>> {
  const { layout, mapping } = reading;
  const fields = fedKeys(reading).filter((name) => sentinelsOf(mapping, name).length > 0);
  if (fields.length === 0) return {};
  const counts = fields.map(
    (name, at) => `count(*) filter (${isOneOf(trimmed(rawName(reading, name)), sentinelsOf(mapping, name))}) as n${at}`,
  );
  const counted = await engine.row(`select ${counts.join(', ')} from ${readableRows(layout, fields)}`);
  return Object.fromEntries(
    fields.map((name, at): [string, number] => [name, Number(counted[`n${at}`])]).filter(([, n]) => n > 0),
  );
}

/** The columns a file fills, each with the fields it is made of. */
export function columnsFrom({ source, mapping, feeds }: Reading): { column: string; from: string[] }[] {
  const from = (column: string): string[] =>
    (mapping ? (mapping.sourceFields[column] ?? []) : [column]).flatMap((name) => feeds.get(name) ?? []);
  return source.columns
    .map(({ name }) => ({ column: name, from: from(name) }))
    .filter((each) => each.from.length > 0 || mapping?.targetColumns.includes(each.column));
}
