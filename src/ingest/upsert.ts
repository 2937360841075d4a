import type { Mapping, Source } from '../catalog/definitions.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { eventsTable, stationOfId, timeOfId, toStoredEvent, type ColumnSql } from '../warehouse/event-rows.ts';
import type { HeartbeatCounts } from '../warehouse/heartbeats.ts';
import { databaseTable, ensureColumns, presentColumns, storedValue } from '../warehouse/tables.ts';
import { keyText } from './row-issues.ts';
import { separateHeartbeats } from './separate-heartbeats.ts';

/** Effect of the rows of a file on their table; the counts add up to the staged rows. */
export interface UpsertCounts {
  /** New keys. */
  added: number;
  /** Keys whose row was replaced by a newer, different row. */
  updated: number;
  /** Rows without effect: equal to a row that is already there, or an older version of it. */
  unchanged: number;
  /** Rows that lost to a row with the same key but another identity, such as another charge point or start. */
  superseded: number;
}

/** Rows with the same key that are not versions of each other, with one pair as an example. */
export interface KeyConflict {
  /** Number of rows that were dropped or replaced. */
  rows: number;
  /** True if they were replaced in the table, false if they were dropped from the file. */
  replaced: boolean;
  key: string;
  /** Columns that differ in any of the rows. */
  columns: string[];
  /** Values of these columns in the example. */
  kept: string;
  dropped: string;
}

/** Select of columns, by default the first key column, of the rows that are replaced and change in any of some columns. */
export type ReplacedRows = (changed: readonly string[], selected?: readonly string[]) => string;

/** What `upsert` needs to know about the staged rows. */
export interface StagedRows {
  /** The columns of `staged`; a replaced row keeps its values in the other columns. */
  columnNames: readonly string[];
  /** True if all keys are the default of the source. */
  hasDefaultKeys?: boolean;
  /** True if the file says how new each row is. */
  hasVersion: boolean;
  /** Whether rows with the same key are merged into one or all kept. */
  duplicates?: Mapping['duplicates'];
  /** Runs before rows of the table are replaced. */
  beforeReplace?: (rows: ReplacedRows) => Promise<void>;
}

const noHeartbeats: HeartbeatCounts = { added: 0, updated: 0, unchanged: 0 };

/** Moves `staged` into the source's table. Of rows with the same key the newest version wins; on a tie, the last one. */
export async function upsert(
  duckdb: DuckDb,
  source: Source,
  { columnNames, hasDefaultKeys = false, hasVersion, duplicates = 'merge', beforeReplace }: StagedRows,
): Promise<UpsertCounts & { conflicts: KeyConflict[] }> {
  const table = databaseTable(source.name);
  const suppliedColumns = columnNames.map(identifier);
  const tableColumns = await ensureColumns(duckdb, source.name, columnNames);
  const otherColumns = tableColumns.filter((name) => !columnNames.includes(name));
  const oldValue = (name: string): string => storedValue(source.name, name, tableColumns, 'o.');
  const key = source.key.map(identifier);
  const version = identifier(source.version);
  const identity = rowIdentity(source, columnNames, hasVersion);
  const conflicts: KeyConflict[] = [];
  let dropped = 0;
  if (duplicates === 'keep') await numberDuplicates(duckdb, key);
  else dropped = await dropOlderRows(duckdb, source, key, version, identity, conflicts);
  const heartbeats = source.name === eventsTable ? await separateHeartbeats(duckdb, columnNames) : noHeartbeats;
  const staged = await duckdb.countRows('from staged');
  if (!(await duckdb.hasRows(`from ${table}`))) {
    await duckdb.run(
      `insert into ${table} (${suppliedColumns.join(', ')}) select ${toStored(source, columnNames, presentColumns(columnNames), String(hasDefaultKeys))} from staged`,
    );
    return countsOf(staged + heartbeats.added, heartbeats.updated, dropped + heartbeats.unchanged, conflicts);
  }
  const otherThanKey = columnNames.filter((name) => !source.key.includes(name));
  const differs = otherThanKey.map(differsIn).join(' or ') || 'false';
  const differences = otherThanKey.map(
    (name) => `, n.${identifier(name)} is distinct from ${oldValue(name)} as ${differsIn(name)}`,
  );
  await duckdb.run(
    `create or replace temp table matched_rows as
     select *, is_newer and (${differs}) as replaces from (${joinsByKey(source, table, tableColumns)
       .map(
         (join) =>
           `select n.rowid as new_row, o.rowid as old_row, n.${version} >= ${oldValue(source.version)} as is_newer,
             ${differsInIdentity(identity)} as conflicts${otherColumns.map((name) => `, ${oldValue(name)} as ${identifier(name)}`).join('')}${differences.join('')}
           from staged n join ${join}`,
       )
       .join(' union all ')})`,
  );
  const { matched, replaced, conflicting } = await duckdb.row(
    'select count(*) as matched, count(*) filter (replaces) as replaced, count(*) filter (conflicts) as conflicting from matched_rows',
  );
  const matchedPairs = `matched_rows pair join staged n on n.rowid = pair.new_row join ${table} o on o.rowid = pair.old_row where`;
  const replacedPairs = `${matchedPairs} pair.replaces`;
  if (Number(conflicting) > 0)
    conflicts.push(
      ...(await findConflicts(duckdb, source, identity, `${matchedPairs} pair.conflicts and not pair.replaces`, false)),
      ...(await findConflicts(duckdb, source, identity, `${replacedPairs} and pair.conflicts`, true)),
    );
  if (Number(replaced) > 0) {
    await beforeReplace?.((changed, selected) => {
      const isChanged =
        otherThanKey
          .filter((name) => changed.includes(name))
          .map(differsIn)
          .join(' or ') || 'false';
      if (selected === undefined)
        return `select n.${key[0]} from matched_rows pair join staged n on n.rowid = pair.new_row where pair.replaces and (${isChanged})`;
      const values = selected.map((name) => `${oldValue(name)} as ${identifier(name)}`);
      return `select ${values.join(', ')} from ${replacedPairs} and (${isChanged})`;
    });
    await duckdb.run(`delete from ${table} where rowid in (select old_row from matched_rows where replaces)`);
  }
  const mergedColumns = [...columnNames, ...otherColumns];
  const mergedValue = (name: string): string | undefined =>
    mergedColumns.includes(name) ? `${columnNames.includes(name) ? 'n' : 'm'}.${identifier(name)}` : undefined;
  await duckdb.run(
    `insert into ${table} (${mergedColumns.map(identifier).join(', ')})
     select ${toStored(source, mergedColumns, mergedValue, hasDefaultKeys ? 'm.new_row is null' : undefined)}
     from staged n left join matched_rows m on m.new_row = n.rowid where m.new_row is null or m.replaces${source.arrivalOrder === undefined ? '' : ' order by n.rowid'}`,
  );
  await duckdb.run('drop table matched_rows');
  return countsOf(
    staged - Number(matched) + heartbeats.added,
    Number(replaced) + heartbeats.updated,
    dropped + Number(matched) - Number(replaced) + heartbeats.unchanged,
    conflicts,
  );
}

/** Column of `matched_rows`: whether two versions of a row differ in a column. */
const differsIn = (name: string): string => identifier(`differs in ${name}`);

/** The values of columns as the file stores them. @param hasDefaultId condition for events whose ID is known to be the default */
export const toStored = (
  { name: table }: Source,
  columnNames: readonly string[],
  column: ColumnSql,
  hasDefaultId?: string,
): string =>
  columnNames
    .map((name) => (table === eventsTable ? toStoredEvent(name, column, hasDefaultId) : column(name)!))
    .join(', ');

/** Ways to join staged rows `n` to those of the table, `o`, by their key. */
function joinsByKey({ name, key }: Source, table: string, tableColumns: readonly string[]): string[] {
  const byKey = `${table} o on ${key.map((each) => `n.${identifier(each)} = o.${identifier(each)}`).join(' and ')}`;
  if (name !== eventsTable) return [byKey];
  // In a list, the ID is compared with few events, and not computed for all of them.
  return [
    byKey,
    `${table} o on o.station_id = ${stationOfId('n.event_id')} and o.event_time = ${timeOfId('n.event_id')}
       and o.event_id is null and list_contains([${storedValue(name, 'event_id', tableColumns, 'o.')}], n.event_id)`,
  ];
}

/** @param withoutEffect rows that neither were added nor replaced another: unchanged or superseded ones */
function countsOf(
  added: number,
  updated: number,
  withoutEffect: number,
  conflicts: KeyConflict[],
): UpsertCounts & { conflicts: KeyConflict[] } {
  const superseded = conflicts.reduce((sum, { rows, replaced }) => sum + (replaced ? 0 : rows), 0);
  return { added, updated, unchanged: withoutEffect - superseded, superseded, conflicts };
}

/** A column that shows whether two rows with the same key describe the same thing, and when it counts. */
interface IdentityColumn {
  name: string;
  /** True if the column may differ between two versions of a row. */
  changesWithVersion: boolean;
  version: string | undefined;
}

function rowIdentity(source: Source, columnNames: readonly string[], hasVersion: boolean): IdentityColumn[] {
  const column = (name: string, changesWithVersion: boolean): IdentityColumn => ({
    name: identifier(name),
    changesWithVersion,
    version: hasVersion ? identifier(source.version) : undefined,
  });
  return [
    ...source.identity.map((name) => column(name, false)),
    ...source.changesWithVersion.map((name) => column(name, true)),
  ].filter(({ name }) => columnNames.some((each) => identifier(each) === name));
}

/** SQL conditions that are true if rows `n` and `o` differ in each identity column; a missing value differs from none. */
const identityConditions = (identity: readonly IdentityColumn[]): string[] =>
  identity.map(({ name, changesWithVersion, version }) => {
    const sameVersion = changesWithVersion && version !== undefined ? ` and n.${version} = o.${version}` : '';
    return `coalesce(n.${name} <> o.${name}${sameVersion}, false)`;
  });

const differsInIdentity = (identity: readonly IdentityColumn[]): string =>
  `(${[...identityConditions(identity), 'false'].join(' or ')})`;

/**
 * Summarizes pairs of rows that differ in their identity.
 * @param pairs the end of a select, which joins the new row `n` and the row `o` with the same key
 * @param replaced true if `n` replaces `o`, false if it is dropped
 */
async function findConflicts(
  duckdb: DuckDb,
  source: Source,
  identity: readonly IdentityColumn[],
  pairs: string,
  replaced: boolean,
): Promise<KeyConflict[]> {
  const columns = identityConditions(identity).map((condition, at) => `bool_or(${condition}) as differs${at}`);
  const text = (row: string): string =>
    `arg_min(concat_ws(', ', ${['null', ...identity.map(({ name }) => `${row}.${name}::varchar`)].join(', ')}), n.rowid)`;
  const row = await duckdb.row(
    `select ${['count(*) as n', `arg_min(${keyText(source, 'n.')}, n.rowid) as key`, `${text('n')} as new_row`, `${text('o')} as old_row`, ...columns].join(', ')} from ${pairs}`,
  );
  if (Number(row['n']) === 0) return [];
  const [kept, dropped] = replaced ? [row['new_row'], row['old_row']] : [row['old_row'], row['new_row']];
  return [
    {
      rows: Number(row['n']),
      replaced,
      key: String(row['key']),
      columns: identity.filter((_, at) => row[`differs${at}`] === true).map(({ name }) => name.replaceAll('"', '')),
      kept: String(kept),
      dropped: String(dropped),
    },
  ];
}

/**
 * Deletes all but the newest of the staged rows with one key, and adds those of another identity to `conflicts`.
 * Returns the number of deleted rows.
 */
async function dropOlderRows(
  duckdb: DuckDb,
  source: Source,
  key: readonly string[],
  version: string,
  identity: readonly IdentityColumn[],
  conflicts: KeyConflict[],
): Promise<number> {
  return forDuplicateKeys(duckdb, key, async (repeated) => {
    const order = `order by ${version} desc, rowid desc`;
    await duckdb.run(
      `create or replace temp table ranked_rows as
       select rowid as row, row_number() over (partition by ${key.join(', ')} ${order}) as rank,
         first_value(rowid) over (partition by ${key.join(', ')} ${order}) as winner from staged where ${repeated}`,
    );
    const pairs = `ranked_rows pair join staged n on n.rowid = pair.row join staged o on o.rowid = pair.winner where rank > 1 and ${differsInIdentity(identity)}`;
    conflicts.push(...(await findConflicts(duckdb, source, identity, pairs, false)));
    const dropped = await duckdb.execute(
      'delete from staged where rowid in (select row from ranked_rows where rank > 1)',
    );
    await duckdb.run('drop table ranked_rows');
    return dropped;
  });
}

/** Makes repeated keys distinct: appends #2 to the second row with a key, and so on. */
async function numberDuplicates(duckdb: DuckDb, key: readonly string[]): Promise<void> {
  await forDuplicateKeys(duckdb, key, (repeated) =>
    duckdb.execute(
      `update staged set ${key[0]} = ${key[0]} || '#' || place
       from (select rowid as duplicate, row_number() over (partition by ${key.join(', ')} order by rowid) as place from staged where ${repeated})
       where duplicate = staged.rowid and place > 1`,
    ),
  );
}

/** Select of the hashes `h` of keys that several rows have. Sorting hashes takes half as long as grouping by them. */
export const repeatedHashes = (key: readonly string[], rows: string): string =>
  `select distinct h from (select h, lag(h) over (order by h) as previous from (select hash(${key.join(', ')}) as h from ${rows})) where h = previous`;

/** Runs `work` on rows with a repeated hash of the key, if any: most files have none. Returns the number of changed rows. */
async function forDuplicateKeys(
  duckdb: DuckDb,
  key: readonly string[],
  work: (repeated: string) => Promise<number>,
): Promise<number> {
  await duckdb.run(`create or replace temp table repeated as ${repeatedHashes(key, 'staged')}`);
  const changed = (await duckdb.hasRows('from repeated'))
    ? await work(`hash(${key.join(', ')}) in (select h from repeated)`)
    : 0;
  await duckdb.run('drop table repeated');
  return changed;
}
