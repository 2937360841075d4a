import { literal, type DuckDb } from './duckdb.ts';
import { eventsTable } from './event-rows.ts';
import { heartbeatDays, heartbeatTimes, removeHeartbeats } from './heartbeats.ts';
import type { KeepRule } from './retention.ts';
import { databaseTable, selectStored } from './tables.ts';

/** Old events of one type. */
export interface PruneCount {
  type: string;
  /** Events before this time are old: UTC, as DuckDB writes a timestamp. */
  before: string;
  deleted: number;
  /** Old events that stay: last states, and those of sessions that have not ended. */
  kept: number;
}

const events = databaseTable(eventsTable);
const days = databaseTable(heartbeatDays);
const sessions = 'charging_sessions';

/** Event types that sources describe. A database need not have events of them. */
const describedTypes = [
  'connect',
  'disconnect',
  'heartbeat',
  'status',
  'firmware',
  'meter',
  'start_transaction',
  'stop_transaction',
  'boot',
];

/** The only type that is a measurement: of every other, the last event before a time is the state at that time. */
const measurement = 'meter';

/** Columns whose last value is valid until a later event has another one. */
const stateColumns = ['status', 'firmware_version', 'heartbeat_interval_seconds'];

/** Time of the last event up to now, in microseconds since 1970; undefined if no event is that old. */
export async function lastEventTime(duckdb: DuckDb, nowMicros: bigint): Promise<bigint | undefined> {
  const now = `make_timestamp(${nowMicros})`;
  const selects = [
    `select max(last_at) as event_time from ${days} where last_at <= ${now}`,
    `select max(event_time) from (${heartbeatTimes(`${days} where first_at <= ${now} and last_at > ${now}`)}) where event_time <= ${now}`,
    ...((await hasEventRows(duckdb)) ? [`select max(event_time) from ${events} where event_time <= ${now}`] : []),
  ];
  const { last } = await duckdb.row(
    `select epoch_us(max(event_time))::varchar as last from (${selects.join(' union all ')})`,
  );
  return typeof last === 'string' ? BigInt(last) : undefined;
}

const hasEventRows = async (duckdb: DuckDb): Promise<boolean> =>
  (await duckdb.tableColumns(eventsTable, 'db')).length > 0;

/** Event types in the database, in lower case. */
async function eventTypes(duckdb: DuckDb): Promise<string[]> {
  const selects = [
    `select distinct lower(event_type) as type from ${days}`,
    ...((await hasEventRows(duckdb)) ? [`select distinct lower(event_type) as type from ${events}`] : []),
  ];
  return (await duckdb.rows(`select distinct type from (${selects.join(' union all ')}) order by type`)).map(
    ({ type }) => String(type),
  );
}

/** Types of rules that neither the database nor the documentation has, and those that the database has. */
export async function unknownEventTypes(
  duckdb: DuckDb,
  rules: readonly KeepRule[],
): Promise<{ unknown: string[]; found: string[] }> {
  const found = await eventTypes(duckdb);
  const pruned = (await duckdb.rows('select distinct event_type as type from prunes')).map(({ type }) => String(type));
  const known = new Set([...found, ...describedTypes, ...pruned]);
  return { unknown: rules.map(({ type }) => type).filter((type) => !known.has(type)), found };
}

/** Counts the events that `pruneEvents` would delete. @param asOf microseconds since 1970 that the age of events is counted from */
export async function countPrunable(duckdb: DuckDb, rules: readonly KeepRule[], asOf: bigint): Promise<PruneCount[]> {
  const counts: PruneCount[] = [];
  for (const rule of rules) {
    const selection = new PruneSelection(duckdb, rule, asOf);
    await selection.select();
    counts.push(await selection.count());
    await selection.dropTables();
  }
  return counts;
}

/** Deletes events that are older than the rules say, in one transaction, and logs their number by type. */
export async function pruneEvents(duckdb: DuckDb, rules: readonly KeepRule[], asOf: bigint): Promise<PruneCount[]> {
  return duckdb.withWriteLock(() =>
    duckdb.transaction(async () => {
      const counts: PruneCount[] = [];
      const { id } = await duckdb.row(`select coalesce(max(prune_id), 0) + 1 as id from ${databaseTable('prunes')}`);
      for (const rule of rules) {
        const selection = new PruneSelection(duckdb, rule, asOf);
        await selection.select();
        const count = await selection.count();
        counts.push(count);
        if (count.deleted > 0) {
          await selection.markSessions();
          await selection.delete();
          await duckdb.run(
            `insert into ${databaseTable('prunes')} (prune_id, event_type, pruned_before, rows_deleted, rows_kept, pruned_at)
             values (${Number(id)}, ${literal(count.type)}, ${literal(count.before)}, ${count.deleted}, ${count.kept}, timezone('UTC', now()))`,
          );
        }
        await selection.dropTables();
      }
      return counts;
    }),
  );
}

/** The old events of one type: rows of the table of events, and heartbeats in days. */
class PruneSelection {
  readonly #duckdb: DuckDb;
  readonly #type: string;
  /** SQL of the time before which events are old. */
  readonly #before: string;
  /** Columns of the table of events; empty if it does not exist. */
  #columns: string[] = [];

  constructor(duckdb: DuckDb, { type, days: kept }: KeepRule, asOf: bigint) {
    this.#duckdb = duckdb;
    this.#type = type;
    this.#before = `make_timestamp(${asOf - BigInt(kept) * 86_400_000_000n})`;
  }

  /** Condition for old rows. */
  get #isOld(): string {
    return `lower(event_type) = ${literal(this.#type)} and event_time < ${this.#before}`;
  }

  /** Fills the temporary tables of the events that stay. */
  async select(): Promise<void> {
    const duckdb = this.#duckdb;
    this.#columns = (await duckdb.tableColumns(eventsTable, 'db')).map(({ name }) => name);
    await duckdb.run('create or replace temp table kept_rows (id bigint not null)');
    await duckdb.run(
      'create or replace temp table kept_heartbeats (station_id varchar not null, event_time timestamp not null)',
    );
    await this.#selectOpenSessions();
    if (this.#type !== measurement) await this.#keepLastStates();
    if (this.#has('payload')) await this.#keepOpenSessions();
  }

  #has(column: string): boolean {
    return this.#columns.includes(column);
  }

  /** A text column of `e`, the table of events; null if no file had it. */
  #column(name: string): string {
    return this.#has(name) ? `e.${name}` : 'null::varchar';
  }

  /** The last old event of each charge point and connector, and the last one that has a value of each state. */
  async #keepLastStates(): Promise<void> {
    const duckdb = this.#duckdb;
    if (this.#type === 'heartbeat')
      await duckdb.run(
        `insert into kept_heartbeats
         select station_id, max(event_time) from (
           select station_id, last_at as event_time from ${days} where last_at < ${this.#before}
           union all
           select station_id, event_time from (${heartbeatTimes(this.#cutDays)}) where event_time < ${this.#before})
         group by station_id`,
      );
    if (this.#columns.length === 0) return;
    await duckdb.run(
      `create or replace temp table last_rows as
       select station_id, connector, last.event_time as event_time, last.id as id from (
         select station_id, ${this.#column('connector_id')} as connector, max({ 'event_time': event_time, 'id': rowid }) as last
         from ${events} e where ${this.#isOld} group by all)`,
    );
    // Heartbeats in days have no connector. Of a row and a heartbeat in a day, the later one stays.
    await duckdb.run(
      `delete from last_rows using kept_heartbeats k
       where last_rows.connector is null and last_rows.station_id = k.station_id and last_rows.event_time < k.event_time`,
    );
    await duckdb.run(
      `delete from kept_heartbeats using last_rows l
       where l.connector is null and kept_heartbeats.station_id = l.station_id and l.event_time >= kept_heartbeats.event_time`,
    );
    await duckdb.run('insert into kept_rows select id from last_rows');
    await duckdb.run('drop table last_rows');
    for (const column of stateColumns.filter((name) => this.#has(name)))
      await duckdb.run(
        `insert into kept_rows
         select max({ 'event_time': event_time, 'id': rowid }).id from ${events} e
         where ${this.#isOld} and ${column} is not null group by station_id, ${this.#column('connector_id')}`,
      );
  }

  /** Days with heartbeats on both sides of the time. */
  get #cutDays(): string {
    return `${days} where first_at < ${this.#before} and last_at >= ${this.#before}`;
  }

  /**
   * Sessions from logs that began before the time and can still change: those with a later event, and those without an end that no
   * session of their connector follows.
   */
  async #selectOpenSessions(): Promise<void> {
    await this.#duckdb.run(
      `create or replace temp table log_sessions as
       select session_id, station_id, transaction_id, connector_id, start_time,
         coalesce("timestamp" >= ${this.#before}, false)
           or end_time is null and start_time = max(start_time) over (partition by station_id, connector_id) as is_open
       from (${await selectStored(this.#duckdb, sessions)})
       where starts_with(session_id, 'ocpp/') qualify start_time < ${this.#before}`,
    );
  }

  /** Events of sessions that can still change, which are computed from them. */
  async #keepOpenSessions(): Promise<void> {
    const joined = (condition: string): string =>
      `select e.rowid from ${events} e join log_sessions s on s.station_id = e.station_id and ${condition}
       where s.is_open and ${this.#isOld} and e.payload is not null`;
    await this.#duckdb.run(
      `insert into kept_rows
       ${joined(
         `s.transaction_id = ${this.#column('transaction_id')} and coalesce(s.connector_id = nullif(${this.#column('connector_id')}, '0'), true)
            and greatest(e.event_time, e.last_updated) >= s.start_time - interval 1 day`,
       )}
       union
       ${joined('s.start_time = e.event_time')}`,
    );
  }

  async count(): Promise<PruneCount> {
    const duckdb = this.#duckdb;
    const { before } = await duckdb.row(`select ${this.#before}::varchar as before`);
    const oldRows = this.#columns.length === 0 ? 0 : await duckdb.countRows(`from ${events} where ${this.#isOld}`);
    const keptRows = await duckdb.countRows('select distinct id from kept_rows');
    const [oldHeartbeats, keptHeartbeats] = this.#type === 'heartbeat' ? await this.#countHeartbeats() : [0, 0];
    return {
      type: this.#type,
      before: String(before),
      deleted: oldRows - keptRows + oldHeartbeats - keptHeartbeats,
      kept: keptRows + keptHeartbeats,
    };
  }

  /** Old heartbeats in days, and those of them that stay. */
  async #countHeartbeats(): Promise<[old: number, kept: number]> {
    const { whole } = await this.#duckdb.row(
      `select coalesce(sum(heartbeat_count), 0)::bigint as whole from ${days} where last_at < ${this.#before}`,
    );
    const cut = await this.#duckdb.countRows(
      `from (${heartbeatTimes(this.#cutDays)}) where event_time < ${this.#before}`,
    );
    return [Number(whole) + cut, await this.#duckdb.countRows('from kept_heartbeats')];
  }

  /** Marks the sessions from logs that lose events: imports must not compute them again from those that are left. */
  async markSessions(): Promise<void> {
    if (!this.#has('payload')) return;
    const table = databaseTable('pruned_sessions');
    await this.#duckdb.run(
      `insert into ${table}
       select session_id from log_sessions
       where not is_open and session_id not in (select session_id from ${table})
         and station_id in (
           select station_id from ${events} e
           where ${this.#isOld} and payload is not null and (${this.#column('transaction_id')} is not null or event_type = 'start_transaction')
             and rowid not in (select id from kept_rows))`,
    );
  }

  async delete(): Promise<void> {
    const duckdb = this.#duckdb;
    if (this.#columns.length > 0)
      await duckdb.run(`delete from ${events} where ${this.#isOld} and rowid not in (select id from kept_rows)`);
    if (this.#type !== 'heartbeat') return;
    const keptDays = 'select station_id, event_time::date from kept_heartbeats';
    await duckdb.run(`delete from ${days} where last_at < ${this.#before} and (station_id, day) not in (${keptDays})`);
    await removeHeartbeats(
      duckdb,
      `select station_id, event_time from (${heartbeatTimes(`${days} where first_at < ${this.#before}`)})
       where event_time < ${this.#before} and (station_id, event_time) not in (select station_id, event_time from kept_heartbeats)`,
    );
  }

  async dropTables(): Promise<void> {
    for (const table of ['kept_rows', 'kept_heartbeats', 'log_sessions']) await this.#duckdb.run(`drop table ${table}`);
  }
}
