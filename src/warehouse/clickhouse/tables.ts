import type { NamedType } from '../../catalog/catalog-database.ts';
import { eventsTable } from '../event-rows.ts';
import { heartbeatDays, heartbeatEvents } from '../heartbeats.ts';
import { clickHouseIdentifier, clickHouseType, nullableType } from './types.ts';

/** Heartbeats of days as rows, in the SQL of DuckDB. */
const heartbeatTimes = `select station_id, event_type, unnest_heartbeats(first_at, heartbeat_count, step, deviations, unit_ms) as event_time
  from ${heartbeatDays}`;
const heartbeatIdSql = "station_id || '|' || fold_case(event_type) || '|' || timestamp_text(event_time)";

/** What a table of wattduck is made of on a server. */
export interface StoredTable {
  name: string;
  declared: readonly NamedType[];
  /** Columns that the server has; none if it lacks the table. */
  present: ReadonlySet<string>;
  /** SQL of ClickHouse for columns with other values, such as hidden ones. */
  replacements: Readonly<Record<string, string>>;
}

/**
 * The select that a table stands for, as SQL of ClickHouse; undefined if the table itself has all columns and rows. Columns and
 * tables that the server lacks are empty, as in a database file.
 * @param rewrite rewrites SQL of DuckDB
 */
export function tableSelect(
  { name, declared, present, replacements }: StoredTable,
  database: string,
  rewrite: (sql: string) => string,
): string | undefined {
  const isComplete =
    name !== eventsTable &&
    Object.keys(replacements).length === 0 &&
    declared.every((column) => present.has(column.name));
  if (isComplete) return undefined;
  const list = declared.map((column) => {
    const value = present.has(column.name)
      ? (replacements[column.name] ?? clickHouseIdentifier(column.name))
      : emptyValue(column.type);
    return `${value} as ${clickHouseIdentifier(column.name)}`;
  });
  if (present.size === 0) return `select ${list.join(', ')} where false`;
  const rows = `select ${list.join(', ')} from ${clickHouseIdentifier(database)}.${clickHouseIdentifier(name)}`;
  return name === eventsTable
    ? `${rows} union all ${rewrite(heartbeatEvents(declared, heartbeatTimes, heartbeatIdSql))}`
    : rows;
}

const emptyValue = (type: string): string =>
  type.endsWith('[]') ? `CAST([] AS ${clickHouseType(type)})` : `CAST(NULL AS ${nullableType(type)})`;
