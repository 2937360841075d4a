import { DuckDBTimestampValue } from '@duckdb/node-api';
import type { Parameter, ParameterRole, RawParameters, Report } from '../catalog/definitions.ts';
import { findRole } from '../catalog/period-parameters.ts';
import { findSimilar } from '../text/names.ts';
import { formatCount, pluralize } from '../text/format-number.ts';
import { clipped } from '../text/plain-text.ts';
import type { BindContext, BoundParameters } from '../warehouse/binder.ts';
import { identifier, literal, type DuckDb } from '../warehouse/duckdb.ts';
import { eventsTable } from '../warehouse/event-rows.ts';
import { heartbeatDays } from '../warehouse/heartbeats.ts';

/** Rows with the first and last time of records. */
interface TimedRows {
  rows: string;
  first: string;
  last: string;
}

const timed = (table: string, time: string): TimedRows => ({ rows: rowsOf(table), first: time, last: time });

/** Rows of a table; events without the heartbeats stored in days, which would have to be unpacked. */
const rowsOf = (table: string): string =>
  table === eventsTable ? `(select * from ${table} where arrival_order is not null)` : identifier(table);

/** Tables of records with a time, and what their rows are. */
const timelines: Readonly<Record<string, { parts: TimedRows[]; records: string }>> = {
  charging_sessions: { parts: [timed('charging_sessions', 'start_time')], records: 'sessions' },
  charge_point_events: {
    parts: [timed(eventsTable, 'event_time'), { rows: heartbeatDays, first: 'first_at', last: 'last_at' }],
    records: 'charge point events',
  },
  customer_events: { parts: [timed('customer_events', 'event_timestamp')], records: 'customer events' },
};

/** Days without data after which a report on the current state is about the past. */
const staleDays = 28;
const microsPerDay = 86_400_000_000n;

const timelinesOf = ({ tables }: Report): string[] => Object.keys(timelines).filter((table) => tables.includes(table));
const toDay = (micros: bigint): string => new Date(Number(micros / 1000n)).toISOString().slice(0, 10);

/** A note if the data of a report on the current state ended long ago. */
export async function staleDataNotes(
  duckdb: DuckDb,
  report: Report,
  { rawValues, allBindings }: BoundParameters,
  context: BindContext,
): Promise<string[]> {
  const now = findRole(report, 'now');
  const hasEnd = report.parameters.some(({ name, role }) => role === 'period_end' && rawValues[name] !== undefined);
  const tables = timelinesOf(report);
  if (!now || report.forecast || hasEnd || rawValues[now.name] !== undefined || tables.length === 0) return [];
  const value = allBindings.values[now.name];
  if (!(value instanceof DuckDBTimestampValue)) return [];
  const since = value.micros - BigInt(staleDays) * microsPerDay;
  // The statistics of the blocks answer this without a scan; the last time is needed for old data alone.
  const parts = tables.flatMap((table) => timelines[table]!.parts);
  const isRecent = parts.map(
    ({ rows, last }) => `exists (select 1 from ${rows} where ${last} >= make_timestamp(${since}))`,
  );
  if ((await duckdb.row(`select ${isRecent.join(' or ')} as is_recent`))['is_recent'] === true) return [];
  const lasts = parts.map(({ rows, last }) => `(select max(${last}) from ${rows})`);
  const { last } = await duckdb.row(`select epoch_us(greatest(${lasts.join(', ')}, null::timestamp))::varchar as last`);
  if (last === null || last === undefined) return [];
  const lastDay = BigInt(String(last)) / microsPerDay;
  const days = Number(value.micros / microsPerDay - lastDay);
  return [
    `no data since ${toDay(lastDay * microsPerDay)}, ${pluralize(days, 'day')} ago ` +
      `(use ${context.label(now.name)} ${toDay((lastDay + 1n) * microsPerDay)} to report as of then)`,
  ];
}

/** Days before the point in time that a report on events covers if no start is given, by its definition of uptime. */
const defaultDays: Readonly<Record<string, bigint>> = { nevi: 366n, uk2023: 366n };
const defaultDaysOfPeriod = 30n;

/** A note if the period of a report on events begins before events that `wattduck prune` deleted. */
export async function prunedDataNotes(
  duckdb: DuckDb,
  report: Report,
  { rawValues, allBindings }: BoundParameters,
  { now }: BindContext,
): Promise<string[]> {
  const startParameter = findRole(report, 'period_start');
  if (startParameter === undefined || !report.tables.includes(eventsTable)) return [];
  const start = allBindings.values[startParameter.name];
  const asOf = allBindings.values[findRole(report, 'now')?.name ?? ''];
  const end = asOf instanceof DuckDBTimestampValue ? asOf.micros : BigInt(now.getTime()) * 1000n;
  const days = defaultDays[rawValues['definition'] ?? ''] ?? defaultDaysOfPeriod;
  const from = start instanceof DuckDBTimestampValue ? start.micros : end - days * microsPerDay;
  // No report sums meter values, and sessions stay.
  const pruned = await duckdb.rows(
    `select event_type, max(pruned_before)::varchar as pruned_before from prunes
     where event_type <> 'meter' and pruned_before > make_timestamp(${from}) group by event_type order by event_type`,
  );
  if (pruned.length === 0) return [];
  const list = pruned.map((row) => clipped`${row['event_type']} before ${row['pruned_before']}`).join(', ');
  return [`events were deleted (${list} UTC), so earlier outages and states are not known`];
}

/** Columns that contain the values of a parameter, by table, and what the values are. */
const places: Readonly<Record<string, { what: string; columns: Readonly<Record<string, string>> }>> = {
  charge_point_id: { what: 'charge point', columns: stationColumns() },
  station_id: { what: 'station', columns: stationColumns() },
  project_id: { what: 'project', columns: siteColumns() },
  site_id: { what: 'site', columns: siteColumns() },
  location: { what: 'location', columns: { charging_sessions: 'location' } },
  user_id: { what: 'user', columns: { charging_sessions: 'user_id' } },
  rfid: { what: 'RFID token', columns: { charging_sessions: 'rfid' } },
  currency: { what: 'currency', columns: { charging_sessions: 'currency' } },
  customer_id: { what: 'customer', columns: { customer_events: 'customer_id', customer_profiles: 'customer_id' } },
  category_id: { what: 'category', columns: { customer_events: 'category_id' } },
  segment_name: {
    what: 'segment',
    columns: { customer_segments: 'segment_name', customer_profiles: 'customer_segment' },
  },
};

function stationColumns(): Record<string, string> {
  return {
    charging_sessions: 'station_id',
    charge_points: 'station_id',
    charge_point_events: 'station_id',
    heartbeat_days: 'station_id',
  };
}
function siteColumns(): Record<string, string> {
  return { sites: 'site_id', charging_sessions: 'site_id', charge_points: 'site_id' };
}

/** Max names that a misspelt one is compared with. */
const maxNames = 20_000;

/** The reason why a report has no rows, for people. */
export async function noRowsReason(
  duckdb: DuckDb,
  report: Report,
  bound: BoundParameters,
  context: BindContext,
): Promise<string | undefined> {
  // A forecast says itself what it lacks.
  if (report.forecast) return undefined;
  return (
    (await emptySourceReason(duckdb, report)) ??
    (await unknownPlaceReason(duckdb, report, bound.rawValues, context)) ??
    (await periodReason(duckdb, report, bound)) ??
    (await noEndReason(duckdb, report, bound)) ??
    filterReason(report, bound.rawValues, context)
  );
}

/** Why a report has no rows: the tables it reads contain nothing. @param needs sources to look at instead; at least one must have rows */
export async function emptySourceReason(
  duckdb: DuckDb,
  report: Report,
  needs: readonly string[] = [],
): Promise<string | undefined> {
  const tables = needs.length > 0 ? [...needs] : timelinesOf(report);
  const own = Object.keys(systemReasons).filter((table) => report.tables.includes(table));
  const sources =
    tables.length > 0
      ? tables
      : [own.find((table) => table === report.name) ?? own[0] ?? report.tables[0]].flatMap((table) => table ?? []);
  if (sources.length === 0) return undefined;
  const { exist } = await duckdb.row(
    `select ${sources
      .flatMap((table) => timelines[table]?.parts.map(({ rows }) => rows) ?? [identifier(table)])
      .map((rows) => `exists (select 1 from ${rows})`)
      .join(' or ')} as exist`,
  );
  if (exist === true) return undefined;
  const internal = systemReasons[sources[0]!];
  if (internal !== undefined) return internal;
  const records = sources.map((table) => timelines[table]?.records ?? table.replaceAll('_', ' ')).join(' or ');
  return `no ${records} imported. Run: wattduck ingest FILE (columns: wattduck sources ${sources[0]})`;
}

const systemReasons: Readonly<Record<string, string>> = {
  quarantine: 'no row was rejected',
  ingests: 'no file was imported',
  requests: 'no request was logged',
  issue_acknowledgements: 'no issue was acknowledged',
  tokens: 'no token exists',
  prunes: 'no event was deleted by wattduck prune',
};

async function unknownPlaceReason(
  duckdb: DuckDb,
  report: Report,
  rawValues: RawParameters,
  { label }: BindContext,
): Promise<string | undefined> {
  for (const { name } of report.parameters) {
    const value = rawValues[name];
    const place = places[name];
    if (value === undefined || place === undefined) continue;
    const columns = Object.entries(place.columns).filter(([table]) => report.tables.includes(table));
    if (columns.length === 0) continue;
    const exists = columns.map(
      ([table, column]) => `exists (select 1 from ${rowsOf(table)} where ${column} = ${literal(value)})`,
    );
    if ((await duckdb.row(`select ${exists.join(' or ')} as is_known`))['is_known'] === true) continue;
    const names = await duckdb.rows(
      `select distinct name from (${columns.map(([table, column]) => `select ${column} as name from ${rowsOf(table)}`).join(' union all ')})
       where name is not null order by name limit ${maxNames}`,
    );
    const nearest = findNearName(
      value,
      names.map((row) => String(row['name'])),
    );
    const hint = nearest === undefined ? `IDs and names are case-sensitive.` : clipped`Did you mean ${nearest}?`;
    return `${clipped`${place.what} "${value}" not found`} (${label(name)}). ${hint}`;
  }
  return undefined;
}

/** The name that begins with a text, or differs from it by few characters. */
const findNearName = (text: string, names: readonly string[]): string | undefined =>
  (text.length > 2 ? names.find((name) => name.toLowerCase().startsWith(text.toLowerCase())) : undefined) ??
  findSimilar(text, names);

/** The period is before the first or after the last record. */
async function periodReason(
  duckdb: DuckDb,
  report: Report,
  { allBindings }: BoundParameters,
): Promise<string | undefined> {
  const [table] = timelinesOf(report);
  const bound = (role: ParameterRole): bigint | undefined => {
    const name = findRole(report, role)?.name;
    const value = name === undefined ? undefined : allBindings.values[name];
    return value instanceof DuckDBTimestampValue ? value.micros : undefined;
  };
  const [from, to, now] = [bound('period_start'), bound('period_end'), bound('now')];
  if (table === undefined || (from === undefined && to === undefined && now === undefined)) return undefined;
  const { parts, records } = timelines[table]!;
  const extents = parts.map(
    (part) => `select min(${part.first}) as first, max(${part.last}) as last from ${part.rows}`,
  );
  const { first, last } = await duckdb.row(
    `select epoch_us(min(first))::varchar as first, epoch_us(max(last))::varchar as last from (${extents.join(' union all ')})`,
  );
  if (first === null || first === undefined) return undefined;
  const [start, end] = [BigInt(String(first)), BigInt(String(last))];
  const range = `${records} run from ${toDay(start)} to ${toDay(end)}`;
  if ((from !== undefined && from > end) || (to !== undefined && to < start))
    return `the period is outside the data: ${range}`;
  return now !== undefined && now < start ? `the point in time is before the data: ${range}` : undefined;
}

/** The selected sessions have not ended. */
async function noEndReason(
  duckdb: DuckDb,
  report: Report,
  { rawValues, allBindings }: BoundParameters,
): Promise<string | undefined> {
  const hasOtherFilter = report.parameters.some(
    (parameter) =>
      isFilter(parameter, rawValues) && !(parameter.name in places) && parameter.role?.startsWith('period_') !== true,
  );
  if (timelinesOf(report).join() !== 'charging_sessions' || hasOtherFilter) return undefined;
  const conditions = report.parameters.flatMap(({ name, role }) => {
    const value = allBindings.values[name];
    if (value instanceof DuckDBTimestampValue && (role === 'period_start' || role === 'period_end'))
      return [`start_time ${role === 'period_start' ? '>=' : '<='} make_timestamp(${value.micros})`];
    const column = places[name]?.columns['charging_sessions'];
    const text = rawValues[name];
    if (column === undefined || text === undefined) return [];
    if (column !== 'site_id') return [`${column} = ${literal(text)}`];
    const isChargePointOfSite = report.tables.includes('charge_points')
      ? ` or station_id in (select station_id from charge_points where site_id = ${literal(text)})`
      : '';
    return [`(site_id = ${literal(text)}${isChargePointOfSite})`];
  });
  const { sessions, ended } = await duckdb.row(
    `select count(*) as sessions, count(end_time) as ended from charging_sessions where ${['true', ...conditions].join(' and ')}`,
  );
  if (Number(sessions) === 0 || Number(ended) > 0) return undefined;
  return sessions === 1
    ? 'the only session selected has no end, and active sessions do not count here'
    : `none of the ${formatCount(Number(sessions))} sessions selected has an end, and active sessions do not count here`;
}

/** Whether a parameter selects records, and is set. */
const isFilter = ({ name, role, inSql, default: preset }: Parameter, rawValues: RawParameters): boolean =>
  inSql && role !== 'time_zone' && role !== 'now' && rawValues[name] !== undefined && rawValues[name] !== preset;

/** Nothing matches the filters of the request. */
function filterReason(report: Report, rawValues: RawParameters, { label }: BindContext): string {
  const filters = report.parameters
    .filter((parameter) => isFilter(parameter, rawValues))
    .map(({ name }) => clipped`${label(name)} "${rawValues[name]}"`);
  return filters.length > 0 ? `nothing matches ${filters.join(' and ')}` : 'the imported data has nothing to report';
}
