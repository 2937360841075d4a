import type { RawParameters, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { suggest } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import type { DuckDb } from './duckdb.ts';

/** The zone, if DuckDB knows it; refuses any other, naming the near one. */
export async function validateTimeZone(duckdb: DuckDb, zone: string, label: string): Promise<string> {
  if (zone === 'UTC') return zone;
  const zones = (await duckdb.rows('select name from pg_timezone_names()')).map(({ name }) => String(name));
  if (zones.includes(zone)) return zone;
  const suggestion = suggest(
    zone,
    zones.filter((name) => name.includes('/')),
    'Known',
  ).slice(0, 200);
  throw new WattduckError(
    'usage',
    clipped`${label}: "${zone}" is no IANA time zone`,
    suggestion.startsWith('Did') ? suggestion : 'Write it like Europe/Berlin.',
  );
}

/** The zone of the settings, where a report has one and none is given. */
export function withDefaultTimeZone({ parameters }: Report, params: RawParameters, tz: string): RawParameters {
  const zone = parameters.find(({ role }) => role === 'time_zone');
  return zone && params[zone.name] === undefined ? { ...params, [zone.name]: tz } : params;
}
