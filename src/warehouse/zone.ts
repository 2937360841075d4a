import type { Given, Report } from '../catalog/definitions.ts';
import { WattduckError } from '../errors.ts';
import { suggest } from '../text/names.ts';
import { clipped } from '../text/plain-text.ts';
import type { Engine } from './engine.ts';

/** The zone, if DuckDB knows it; refuses any other, naming the near one. */
export async function knownZone(engine: Engine, zone: string, label: string): Promise<string> {
  if (zone === 'UTC') return zone;
  const zones = (await engine.rows('select name from pg_timezone_names()')).map(({ name }) => String(name));
  if (zones.includes(zone)) return zone;
  const near = suggest(
    zone,
    zones.filter((name) => name.includes('/')),
    'Known',
  ).slice(0, 200);
  throw new WattduckError(
    'usage',
    clipped`${label}: "${zone}" is no IANA time zone`,
    near.startsWith('Did') ? near : 'Write it like Europe/Berlin.',
  );
}

/** The zone of the settings, where a report has one and none is given. */
export function inZone({ parameters }: Report, given: Given, tz: string): Given {
  const zone = parameters.find(({ role }) => role === 'time_zone');
  return zone && given[zone.name] === undefined ? { ...given, [zone.name]: tz } : given;
}
