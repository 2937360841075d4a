import type { Source } from '../catalog/definitions.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { eventsTable, presentIdColumns } from '../warehouse/event-rows.ts';
import { databaseTable, ensureColumns, presentColumns, tableRows } from '../warehouse/tables.ts';
import { badRowCondition, sequenceCount } from './bad-rows.ts';
import { typedRows } from './casts.ts';
import type { RowCheck } from './row-check.ts';
import { keyConflictChecks } from './json-checks.ts';
import { readJson, UnreadableLine } from './json-reader.ts';
import { csvReader } from './layout.ts';
import { locateBadRows } from './locate-bad-rows.ts';
import { repeatedHashes, toStored } from './upsert.ts';
import { hasDefaultKeys, textRows, writtenColumns, type ReadPlan } from './text-rows.ts';

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
  /** The plan to stage it with. */
  readonly plan: ReadPlan;

  constructor(isClean: boolean, plan: ReadPlan) {
    super('file must be staged');
    this.isClean = isClean;
    this.plan = plan;
  }
}

/**
 * Reads a file directly into the empty table of its source, within a transaction: half the work of staging it first.
 * Sequences count the rows the insert leaves out, because the insert returns only the number of inserted rows.
 * @param countLines counts the rows of an NDJSON file by its lines
 * @throws NeedsStaging, UnknownKeys
 */
export async function loadDirectly(
  duckdb: DuckDb,
  plan: ReadPlan,
  countLines: () => Promise<number>,
): Promise<LoadResult> {
  const { source } = plan;
  const columnNames = writtenColumns(plan);
  await ensureColumns(duckdb, source.name, columnNames);
  await duckdb.run('create or replace temp sequence bad_seen');
  const good = await withoutInsertionOrder(duckdb, source, () => insertRows(duckdb, plan, columnNames));

  const bad = await sequenceCount(duckdb, 'bad_seen');
  const isJson = plan.layout.format === 'ndjson';
  // DuckDB read the file to its end, so the plan knows every key.
  const needsStaging = (isClean: boolean): NeedsStaging => new NeedsStaging(isClean, { ...plan, hasAllKeys: true });
  if (isJson && bad > 0) throw needsStaging(false);
  if (await hasRepeatedKeys(duckdb, plan)) throw needsStaging(true);
  if (isJson && good !== (await countLines())) throw needsStaging(true);
  if (isJson) return { good, bad: 0, columnNames };

  const rejected = await duckdb.countRows('select distinct line from rejects');
  if (bad + rejected === 0) return { good, bad: 0, columnNames };
  if (await locateBadRows(duckdb, plan)) throw needsStaging(true);
  const badRowCount = await duckdb.countRows('from bad_rows');
  if (badRowCount !== bad + rejected)
    throw new Error(`${good + bad + rejected} rows read, but ${good} good and ${badRowCount} bad ones found`);
  return { good, bad: badRowCount, columnNames };
}

/** Inserts the good rows and returns their number; the sequence `bad_seen` counts the others. */
async function insertRows(duckdb: DuckDb, plan: ReadPlan, columnNames: readonly string[]): Promise<number> {
  const columns = columnNames.map(identifier).join(', ');
  const insert = (reader: string, extra: { columns: Record<string, string>; checks: RowCheck[] }): Promise<number> => {
    const { select, checks } = typedRows(plan, textRows(plan, reader, extra.columns));
    const values = toStored(plan.source, columnNames, presentColumns(columnNames), String(hasDefaultKeys(plan)));
    return duckdb.execute(`insert into ${databaseTable(plan.source.name)} (${columns}) select ${values} from (${select})
      where case when ${badRowCondition([...checks, ...extra.checks])} then nextval('bad_seen') < 0 else true end`);
  };
  if (plan.layout.format === 'csv') return insert(csvReader(plan.layout), { columns: {}, checks: [] });
  if (plan.hasBrokenLines) throw new NeedsStaging(false, plan);
  try {
    return await readJson(duckdb, plan.layout, plan.hasAllKeys === true, (reader) =>
      insert(reader, keyConflictChecks(plan)),
    );
  } catch (error) {
    throw error instanceof UnreadableLine ? new NeedsStaging(false, plan) : error;
  }
}

/** Whether two rows of the source's table have keys with the same hash. */
async function hasRepeatedKeys(duckdb: DuckDb, plan: ReadPlan): Promise<boolean> {
  const { source } = plan;
  const rows = await tableRows(duckdb, source.name);
  return duckdb.hasRows(repeatedHashes((await idParts(duckdb, plan)) ?? source.key.map(identifier), rows));
}

/**
 * The columns that make up the default IDs of events, if two IDs are equal only where these are: IDs leave out values that are null,
 * and separate the others by a character that texts can contain. To compare them is much cheaper than to write the IDs.
 */
async function idParts(duckdb: DuckDb, plan: ReadPlan): Promise<string[] | undefined> {
  const { name, columns } = plan.source;
  if (name !== eventsTable || !hasDefaultKeys(plan)) return undefined;
  const present = (await duckdb.tableColumns(name, 'db')).map((column) => column.name);
  const parts = presentIdColumns(present);
  const isText = (part: string): boolean => columns.some((column) => column.name === part && column.type === 'VARCHAR');
  const isDistinct = parts.flatMap((part) => [
    `count(${part}) in (0, count(*))`,
    ...(isText(part) ? [`coalesce(bool_and(not contains(${part}, '|')), true)`] : []),
  ]);
  const { are_distinct: areDistinct } = await duckdb.row(
    `select ${['count(event_id) = 0', ...isDistinct].join(' and ')} as are_distinct from ${databaseTable(name)}`,
  );
  return areDistinct === true ? parts.map((part) => (part === 'event_type' ? 'lower(event_type)' : part)) : undefined;
}

/**
 * Runs work without keeping the order of rows: DuckDB then writes half as much.
 * Only the order of a file matters, to decide between equal versions; that of a table does not, unless its source has an arrival order.
 */
export async function withoutInsertionOrder<T>(
  duckdb: DuckDb,
  { arrivalOrder }: Pick<Source, 'arrivalOrder'>,
  work: () => Promise<T>,
): Promise<T> {
  // The setting applies to the whole process, where other imports may need the order of their files.
  if (arrivalOrder !== undefined || duckdb.isShared) return work();
  await duckdb.run('set preserve_insertion_order = false');
  try {
    return await work();
  } finally {
    // A failed transaction cannot change settings: the caller resets it after the rollback.
    await duckdb.run('set preserve_insertion_order = true').catch(() => undefined);
  }
}
