import type { RawParameters, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { suggest } from '../text/names.ts';
import type { DuckDb } from './duckdb.ts';

/** Returns the zone if DuckDB knows it. @throws WattduckError (invalid_time_zone) with the nearest name */
export async function validateTimeZone(duckdb: DuckDb, zone: string, parameter: string): Promise<string> {
  if (zone === 'UTC') return zone;
  const zones = (await duckdb.rows('select name from pg_timezone_names()')).map(({ name }) => String(name));
  if (zones.includes(zone)) return zone;
  const suggestion = suggest(
    zone,
    zones.filter((name) => name.includes('/')),
    'Known',
  ).slice(0, 200);
  throw new WattduckError('invalid_time_zone', {
    value: zone,
    parameter,
    suggestion: suggestion.startsWith('Did') ? suggestion : 'For example: Europe/Berlin.',
  });
}

/** Adds the time zone of the settings, if the report has such a parameter and it is not set. */
export function withDefaultTimeZone({ parameters }: Report, params: RawParameters, tz: string): RawParameters {
  const zone = parameters.find(({ role }) => role === 'time_zone');
  return zone && params[zone.name] === undefined ? { ...params, [zone.name]: tz } : params;
}
