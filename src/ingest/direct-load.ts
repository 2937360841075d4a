import type { Source } from '../catalog/definitions.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { databaseTable, ensureColumns } from '../warehouse/tables.ts';
import { badRowCondition, countOf } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import { csvReader, jsonReader } from './layout.ts';
import { locateBadRows } from './locate-bad-rows.ts';
import { mappedFields, rowColumn, textRows, unmappedColumns, writtenColumns, type ReadPlan } from './text-rows.ts';

/** Counts of a file that was loaded directly into its empty table. */
export interface LoadResult {
  good: number;
  /** Rejected rows; `bad_rows` has their lines and reasons. */
  bad: number;
  columnNames: string[];
}

/** The file must be staged: keys repeat, DuckDB misreads its lines or quotes, or its bad rows need another pass. */
export class NeedsStaging extends Error {
  /** False if a row is known to be bad. */
  readonly isClean: boolean;

  constructor(isClean: boolean) {
    super('file must be staged');
    this.isClean = isClean;
  }
}

/**
 * Reads a file directly into the empty table of its source, within a transaction: half the work of staging it first.
 * Sequences count the rows the insert leaves out, because the insert returns only the number of inserted rows.
 * @param countLines counts the rows of an NDJSON file by its lines
 * @param onRead called when the file has been read and only checks are left
 * @throws NeedsStaging
 */
export async function loadDirectly(
  duckdb: DuckDb,
  plan: ReadPlan,
  countLines: () => Promise<number>,
  onRead: () => void,
): Promise<LoadResult> {
  const { layout, source } = plan;
  const unmapped = layout.format === 'csv' ? [] : unmappedColumns(plan);
  const reader = layout.format === 'csv' ? csvReader(layout) : jsonReader(layout, [...mappedFields(plan), ...unmapped]);
  const { select, checks } = typedRows(
    plan,
    textRows(
      plan,
      reader,
      unmapped.length > 0 ? { [rowColumn.late]: `coalesce(${unmapped.map(identifier).join(', ')})` } : {},
    ),
  );
  const columnNames = writtenColumns(plan);
  const columns = columnNames.map(identifier).join(', ');
  await ensureColumns(duckdb, source.name, columnNames);
  for (const sequence of ['bad_seen', 'late_seen']) await duckdb.run(`create or replace temp sequence ${sequence}`);
  const isLate = unmapped.length > 0 ? `when ${rowColumn.late} is not null then nextval('late_seen') < 0` : '';
  const good = await withoutInsertionOrder(duckdb, () =>
    duckdb.execute(`insert into ${databaseTable(source.name)} (${columns}) select ${columns} from (${select})
      where case ${isLate} when ${badRowCondition(checks)} then nextval('bad_seen') < 0 else true end`),
  );

  // Up to here DuckDB uses every core.
  onRead();
  const bad = await sequenceCount(duckdb, 'bad_seen');
  const isJson = layout.format === 'ndjson';
  if (isJson && (bad > 0 || (await sequenceCount(duckdb, 'late_seen')) > 0)) throw new NeedsStaging(bad === 0);
  if ((await countDistinctKeys(duckdb, source)) < good) throw new NeedsStaging(true);
  if (isJson && good !== (await countLines())) throw new NeedsStaging(true);
  if (isJson) return { good, bad: 0, columnNames };

  const rejected = await duckdb.countRows('select distinct line from rejects');
  if (bad + rejected === 0) return { good, bad: 0, columnNames };
  if (await locateBadRows(duckdb, plan)) throw new NeedsStaging(true);
  const badRowCount = await duckdb.countRows('from bad_rows');
  if (badRowCount !== bad + rejected)
    throw new Error(`${good + bad + rejected} rows read, but ${good} good and ${badRowCount} bad ones found`);
  return { good, bad: badRowCount, columnNames };
}

/** Counts distinct hashes of keys in two halves: one thread scans uncommitted rows, so two scans run in parallel. */
function countDistinctKeys(duckdb: DuckDb, { name, key }: Source): Promise<number> {
  const half = (which: 0 | 1): string =>
    `select count(distinct h) as n from (select hash(${key.map(identifier).join(', ')}) as h from ${databaseTable(name)}) where h % 2 = ${which}`;
  return countOf(duckdb, `select sum(n) as n from (${half(0)} union all ${half(1)})`);
}

const sequenceCount = (duckdb: DuckDb, sequence: string): Promise<number> =>
  countOf(duckdb, `select coalesce(last_value, 0) as n from duckdb_sequences() where sequence_name = '${sequence}'`);

/**
 * Runs work without keeping the order of rows: DuckDB then writes half as much.
 * Only the order of a file matters, to decide between equal versions; that of a table does not.
 */
export async function withoutInsertionOrder<T>(duckdb: DuckDb, work: () => Promise<T>): Promise<T> {
  // The setting applies to the whole process, where other imports may need the order of their files.
  if (duckdb.isShared) return work();
  await duckdb.run('set preserve_insertion_order = false');
  try {
    return await work();
  } finally {
    // A failed transaction cannot change settings: the caller resets it after the rollback.
    await duckdb.run('set preserve_insertion_order = true').catch(() => undefined);
  }
}
