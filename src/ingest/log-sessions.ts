import type { Catalog } from '../catalog/catalog.ts';
import { identifier, type DuckDb } from '../warehouse/duckdb.ts';
import { databaseTable, ensureColumns, selectStored } from '../warehouse/tables.ts';
import { Corrections } from './corrections.ts';
import { upsert, type ReplacedRows, type UpsertCounts } from './upsert.ts';

const events = 'charge_point_events';
const sessions = 'charging_sessions';

/** Sessions of logs have IDs that begin with `ocpp/`. As a range, DuckDB skips row groups without them. */
const isFromLog = "session_id >= 'ocpp/' and session_id < 'ocpp0'";

/** What an import changed in the sessions that come from OCPP transactions in a log. */
export interface LogSessionCounts {
  added: number;
  updated: number;
  /** Sessions that are no longer in the log, have another start, or are now provided by another file. */
  removed: number;
  /** Transactions that another file provides as sessions. */
  provided: number;
  /** Transactions without a known start. */
  withoutStart: number;
}

/**
 * Keeps the sessions that come from OCPP transactions up to date with an import of events or sessions. They are computed from all
 * stored events of a transaction, within the transaction of the import, so that the order and splitting of logs do not matter.
 */
export class LogSessions {
  readonly #duckdb: DuckDb;
  readonly #catalog: Catalog;
  readonly #source: string;
  #isTouched = false;
  #replacesAll = false;

  /** @param source the source of the import */
  constructor(duckdb: DuckDb, catalog: Catalog, source: string) {
    this.#duckdb = duckdb;
    this.#catalog = catalog;
    this.#source = source;
  }

  /**
   * Collects the transactions of events.
   * @param rows select of the events
   * @param columnNames columns of these rows
   */
  async addEvents(rows: string, columnNames: readonly string[]): Promise<void> {
    if (this.#source !== events || !columnNames.includes('payload')) return;
    const transaction = columnNames.includes('transaction_id') ? 'transaction_id' : 'null::varchar';
    await this.#touch(
      `select distinct station_id, ${transaction} as transaction_id, case when event_type = 'start_transaction' then event_time end as start_time
       from (${rows}) where payload is not null and (event_type = 'start_transaction'
         or (event_type in ('stop_transaction', 'meter', 'call_result', 'TransactionEvent') and ${transaction} is not null))`,
    );
  }

  /** Collects the transactions of events that a file corrects. @param changed columns of the file */
  async addReplaced(rows: ReplacedRows, changed: readonly string[]): Promise<void> {
    const columns = ['station_id', 'event_type', 'event_time', 'transaction_id', 'payload'];
    if (this.#source === events) await this.addEvents(rows(changed, columns), columns);
  }

  /** Collects all sessions from logs, whose events a file replaces. */
  async addAll(): Promise<void> {
    if (this.#source !== events || !(await this.#hasLogSessions())) return;
    this.#replacesAll = true;
    await this.#touch(
      `select station_id, transaction_id, start_time from (${await selectStored(this.#duckdb, sessions)}) where ${isFromLog}`,
    );
  }

  async #touch(select: string): Promise<void> {
    if (this.#isTouched) return this.#duckdb.run(`insert into touched_events ${select}`);
    await this.#duckdb.run(`create or replace temp table touched_events as ${select}`);
    this.#isTouched = true;
  }

  /** Computes the collected transactions again, or removes the sessions that the imported ones provide. */
  async update(): Promise<LogSessionCounts | undefined> {
    if (this.#source === sessions) return this.#removeProvided();
    if (!this.#isTouched) return undefined;
    const duckdb = this.#duckdb;
    if (!(await duckdb.hasRows('from touched_events'))) {
      await duckdb.run('drop table touched_events');
      return undefined;
    }
    await this.#derive('transaction_sessions', [events, sessions]);
    const counted = await duckdb.row(
      `select (select count(*) from tx_sessions where start_time is null) as unstarted, (select count(*) from tx_provided) as provided`,
    );
    const columnNames = await this.#usedColumns();
    const removed = await this.#removeStale(columnNames);
    await this.#resetVersions(columnNames);
    const { added, updated } = (await duckdb.hasRows('from staged'))
      ? await this.#upsertStaged(columnNames)
      : { added: 0, updated: 0 };
    await this.#dropTables();
    return {
      added,
      updated,
      removed,
      provided: Number(counted['provided']),
      withoutStart: Number(counted['unstarted']),
    };
  }

  async #upsertStaged(columnNames: readonly string[]): Promise<UpsertCounts> {
    const corrections = new Corrections(this.#duckdb, this.#catalog);
    const counts = await upsert(this.#duckdb, await this.#catalog.source(sessions), {
      columnNames,
      hasVersion: true,
      beforeReplace: (keys) => corrections.beforeReplace(sessions, keys),
    });
    await corrections.afterReplace();
    return counts;
  }

  async #removeProvided(): Promise<LogSessionCounts | undefined> {
    if (!(await this.#hasLogSessions())) return undefined;
    await this.#derive('provided_sessions', [sessions]);
    const removed = await this.#removeStale([]);
    await this.#dropTables();
    return removed === 0 ? undefined : { added: 0, updated: 0, removed, provided: removed, withoutStart: 0 };
  }

  async #hasLogSessions(): Promise<boolean> {
    return this.#duckdb.hasRows(`from ${identifier(sessions)} where ${isFromLog}`);
  }

  /** Runs a file of sql/derived/, which reads these tables with all their columns. */
  async #derive(name: string, tables: readonly string[]): Promise<void> {
    const views = { [events]: 'stored_events', [sessions]: 'stored_sessions' };
    for (const table of tables)
      await this.#duckdb.run(
        `create or replace temp view ${views[table as keyof typeof views]} as ${await selectStored(this.#duckdb, table)}`,
      );
    for (const sql of await this.#catalog.derivation(name)) await this.#duckdb.run(sql);
  }

  /** Columns of `staged` that have values, and those that the table has, whose values may have to become null. */
  async #usedColumns(): Promise<string[]> {
    const names = (await this.#duckdb.describeInFile('from staged')).columns.map(({ name }) => name);
    const present = (await this.#duckdb.tableColumns(sessions, 'db')).map(({ name }) => name);
    const values = await this.#duckdb.row(
      `select ${names.map((name) => `count(${identifier(name)}) > 0 as ${identifier(name)}`).join(', ')} from staged`,
    );
    return names.filter((name) => values[name] === true || present.includes(name));
  }

  /** Deletes the sessions in `tx_stale`. @param columnNames columns of the rows to insert afterwards */
  async #removeStale(columnNames: readonly string[]): Promise<number> {
    const duckdb = this.#duckdb;
    if (!(await duckdb.hasRows('from tx_stale'))) return 0;
    const corrections = new Corrections(duckdb, this.#catalog);
    await corrections.beforeReplace(sessions, () => 'select session_id from tx_stale');
    // DuckDB cannot add columns to a table once rows were deleted in the same transaction.
    await ensureColumns(duckdb, sessions, columnNames);
    const removed = await duckdb.execute(
      `delete from ${databaseTable(sessions)} where session_id in (select session_id from tx_stale)`,
    );
    await duckdb.run(
      `delete from ${databaseTable('pruned_sessions')} where session_id in (select session_id from tx_stale)`,
    );
    await corrections.afterReplace();
    return removed;
  }

  /** Makes the sessions in `tx_outdated` as old as their new values, so that these replace them. */
  async #resetVersions(columnNames: readonly string[]): Promise<void> {
    const duckdb = this.#duckdb;
    // The events of the old sessions are gone.
    if (this.#replacesAll)
      await duckdb.run(
        `create or replace temp table tx_outdated as
         select session_id, n."timestamp" as version from tx_before o join staged n using (session_id) where o.version > n."timestamp"`,
      );
    if (!(await duckdb.hasRows('from tx_outdated'))) return;
    await ensureColumns(duckdb, sessions, columnNames);
    await duckdb.run(
      `update ${databaseTable(sessions)} set "timestamp" = tx_outdated.version from tx_outdated where tx_outdated.session_id = charging_sessions.session_id`,
    );
  }

  async #dropTables(): Promise<void> {
    const tables = await this.#duckdb.rows(
      "select table_name as name from duckdb_tables() where database_name = 'temp' and (table_name like 'tx\\_%' escape '\\' or table_name = 'touched_events')",
    );
    for (const { name } of tables) await this.#duckdb.run(`drop table temp.${identifier(String(name))}`);
    for (const name of ['stored_events', 'stored_sessions']) await this.#duckdb.run(`drop view if exists temp.${name}`);
  }
}
