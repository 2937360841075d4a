import type { Source } from '../catalog/definitions.ts';
import { identifier, type DuckDb } from '../warehouse/engine.ts';
import { databaseTable, ensureColumns } from '../warehouse/tables.ts';
import { countOf, isBad } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { csvReader, jsonReader } from './layout.ts';
import { locate } from './locate.ts';
import { fedKeys, filledColumns, row, textRows, unfedColumns, type Reading } from './rows.ts';

/** The rows of a file that were read straight into its empty table. */
export interface Loaded {
  good: number;
  /** Bad ones; where they stand and what is wrong with them is in `bad_rows`. */
  bad: number;
  filled: string[];
}

/** A file has to be staged: its keys repeat, its lines or quotes mislead DuckDB, or its bad rows need a closer look. */
export class NotStraight extends Error {
  /** False where a row is known to be bad. */
  readonly isSound: boolean;

  constructor(isSound: boolean) {
    super('to be staged');
    this.isSound = isSound;
  }
}

/**
 * Reads a file straight into the empty table of its source, within a transaction: half the work of staging it first.
 * Sequences count what the insert leaves out: it answers only how many rows went in.
 * @param lines rows of an NDJSON file, as its lines tell
 * @param whenRead called when the file has been read, and only checks are left
 * @throws NotStraight
 */
export async function loadStraight(
  engine: DuckDb,
  reading: Reading,
  lines: () => Promise<number>,
  whenRead: () => void,
): Promise<Loaded> {
  const { layout, source } = reading;
  const unfed = layout.format === 'csv' ? [] : unfedColumns(reading);
  const reader = layout.format === 'csv' ? csvReader(layout) : jsonReader(layout, [...fedKeys(reading), ...unfed]);
  const { select, faults } = typedRows(
    reading,
    textRows(reading, reader, unfed.length > 0 ? { [row.late]: `coalesce(${unfed.map(identifier).join(', ')})` } : {}),
  );
  const filled = filledColumns(reading);
  const columns = filled.map(identifier).join(', ');
  await ensureColumns(engine, source.name, filled);
  for (const sequence of ['bad_seen', 'late_seen']) await engine.run(`create or replace temp sequence ${sequence}`);
  const isLate = unfed.length > 0 ? `when ${row.late} is not null then nextval('late_seen') < 0` : '';
  const good = await inAnyOrder(engine, () =>
    engine.execute(`insert into ${databaseTable(source.name)} (${columns}) select ${columns} from (${select})
      where case ${isLate} when ${isBad(faults)} then nextval('bad_seen') < 0 else true end`),
  );

  // DuckDB has both cores until here.
  whenRead();
  const bad = await seen(engine, 'bad_seen');
  const isJson = layout.format === 'ndjson';
  if (isJson && (bad > 0 || (await seen(engine, 'late_seen')) > 0)) throw new NotStraight(bad === 0);
  if ((await distinctKeys(engine, source)) < good) throw new NotStraight(true);
  if (isJson && good !== (await lines())) throw new NotStraight(true);
  if (isJson) return { good, bad: 0, filled };

  const rejected = await engine.countRows('select distinct line from rejects');
  if (bad + rejected === 0) return { good, bad: 0, filled };
  if (await locate(engine, reading)) throw new NotStraight(true);
  const found = await engine.countRows('from bad_rows');
  if (found !== bad + rejected)
    throw new Error(`${good + bad + rejected} rows read, but ${good} good and ${found} bad ones found`);
  return { good, bad: found, filled };
}

/** Hashes of keys in a table, in two halves: rows not yet committed are scanned by one thread a scan. */
function distinctKeys(engine: DuckDb, { name, key }: Source): Promise<number> {
  const half = (which: 0 | 1): string =>
    `select count(distinct h) as n from (select hash(${key.map(identifier).join(', ')}) as h from ${databaseTable(name)}) where h % 2 = ${which}`;
  return countOf(engine, `select sum(n) as n from (${half(0)} union all ${half(1)})`);
}

const seen = (engine: DuckDb, sequence: string): Promise<number> =>
  countOf(engine, `select coalesce(last_value, 0) as n from duckdb_sequences() where sequence_name = '${sequence}'`);

/** Of a file, the order decides between equal versions; of a table it is free, and without it DuckDB writes half as much. */
export async function inAnyOrder<T>(engine: DuckDb, work: () => Promise<T>): Promise<T> {
  // It is set for all that runs in a process: others there may need the order of their files.
  if (engine.isShared) return work();
  await engine.run('set preserve_insertion_order = false');
  try {
    return await work();
  } finally {
    // In a transaction that failed nothing can be set: whoever rolls it back must.
    await engine.run('set preserve_insertion_order = true').catch(() => undefined);
  }
}
