import { WattduckError } from '../errors/wattduck-error.ts';
import { suggest } from '../text/names.ts';
import { literal, type DuckDb } from './duckdb.ts';

/** Zones of DuckDB: the same in every connection of the process, and slow to list. */
let knownZones: Set<string> | undefined;

/** Names of all time zones. */
export async function timeZones(duckdb: DuckDb): Promise<ReadonlySet<string>> {
  knownZones ??= new Set(
    (await duckdb.localRows('select name from pg_timezone_names()')).map(({ name }) => String(name)),
  );
  return knownZones;
}

/** Returns the zone if DuckDB knows it. @throws WattduckError (invalid_time_zone) with the nearest name */
export async function validateTimeZone(duckdb: DuckDb, zone: string, parameter: string): Promise<string> {
  if (zone === 'UTC') return zone;
  const zones = await timeZones(duckdb);
  if (zones.has(zone)) return zone;
  const suggestion = suggest(
    zone,
    [...zones].filter((name) => name.includes('/')),
    'Known',
  ).slice(0, 200);
  throw new WattduckError('invalid_time_zone', {
    value: zone,
    parameter,
    suggestion: suggestion.startsWith('Did') ? suggestion : 'For example: Europe/Berlin.',
  });
}

/** Microseconds since 1970 UTC of the instants with a local time: two different ones if it occurs twice. */
export interface LocalInstants {
  first: bigint;
  last: bigint;
}

/**
 * The instants with a local time. A time that clocks skip counts as if they had not gone forward yet.
 * @param local SQL of a timestamp
 */
export async function instantsOfLocalTime(duckdb: DuckDb, local: string, zone: string): Promise<LocalInstants> {
  if (zone === 'UTC') {
    const { instant } = await duckdb.localRow(`select epoch_us(${local}) as instant`);
    return { first: BigInt(String(instant)), last: BigInt(String(instant)) };
  }
  const micros = (instant: string): string => `epoch_us(timezone(${literal(zone)}, make_timestamptz(${instant})))`;
  // The offsets a day before and a day after are those on both sides of a change of the clocks.
  const { first, last } = await duckdb.localRow(`
    with candidates as (
      select wanted, days, 2 * wanted + days * 86400000000 - ${micros('wanted + days * 86400000000')} as instant
      from (select epoch_us(${local}) as wanted, unnest([-1, 0, 1]) as days)
    )
    select coalesce(min(instant) filter (where is_shown), min(instant) filter (where days = -1)) as first,
           coalesce(max(instant) filter (where is_shown), min(instant) filter (where days = -1)) as last
    from (select days, instant, ${micros('instant')} = wanted as is_shown from candidates)`);
  return { first: BigInt(String(first)), last: BigInt(String(last)) };
}

/** Local date of an instant in a zone, as YYYY-MM-DD. @param instant microseconds since 1970 UTC */
export async function localDateOf(duckdb: DuckDb, instant: bigint, zone: string): Promise<string> {
  const { day } = await duckdb.localRow(
    `select timezone(${literal(zone)}, make_timestamptz(${instant}))::date::varchar as day`,
  );
  return String(day);
}
