import type { RawParameters, Report } from '../catalog/definitions.ts';
import { findRole } from '../catalog/period-parameters.ts';
import { clipped } from '../text/plain-text.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';
import { timeZones } from '../warehouse/time-zone.ts';

/** Tables that determine the default time zone. */
export const zoneTables: readonly string[] = ['sites', 'charge_points'];

/** The time zone of an answer. */
export interface ReportZone {
  name: string;
  /** Where it comes from, for people; undefined if it was chosen. */
  origin?: string;
}

const siteParameters = ['project_id', 'site_id'];
const stationParameters = ['charge_point_id', 'station_id'];

/**
 * The time zone of a report: the requested one, the setting, the one that all selected sites share, or UTC.
 * Undefined for a report that reads no local times.
 * @param setting zone of the settings, if there is one
 */
export async function resolveReportZone(
  duckdb: DuckDb,
  report: Pick<Report, 'parameters'>,
  params: RawParameters,
  setting: string | undefined,
): Promise<ReportZone | undefined> {
  const parameter = findRole(report, 'time_zone');
  if (!parameter) return undefined;
  const chosen = params[parameter.name] ?? setting;
  if (chosen !== undefined) return { name: chosen };
  const selection = selectedSites(
    (names) => report.parameters.find(({ name }) => names.includes(name) && params[name] !== undefined)?.name,
    params,
  );
  if (selection) {
    const zones = await readZones(duckdb, selection.condition);
    if (zones.length > 0) return describeZones(zones, selection.label, clipped`the sites of ${selection.label}`);
  }
  return describeZones(await readZones(duckdb), 'all sites', 'sites');
}

function selectedSites(
  find: (names: readonly string[]) => string | undefined,
  params: RawParameters,
): { condition: string; label: string } | undefined {
  const site = find(siteParameters);
  if (site !== undefined) {
    const value = params[site]!;
    return { condition: `site_id = ${literal(value)}`, label: clipped`${value}` };
  }
  const station = find(stationParameters);
  if (station === undefined) return undefined;
  const value = params[station]!;
  return {
    condition: `site_id in (select site_id from charge_points where station_id = ${literal(value)})`,
    label: clipped`${value}`,
  };
}

/** Distinct time zones of sites, without invalid ones. */
async function readZones(duckdb: DuckDb, condition = 'true'): Promise<string[]> {
  const rows = await duckdb.rows(`select distinct timezone from sites where ${condition} and timezone is not null`);
  if (rows.length === 0) return [];
  const known = await timeZones(duckdb);
  return rows.map(({ timezone }) => String(timezone)).filter((zone) => known.has(zone));
}

const describeZones = (zones: readonly string[], one: string, several: string): ReportZone =>
  zones.length === 1
    ? { name: zones[0]!, origin: `the zone of ${one}` }
    : {
        name: 'UTC',
        origin: zones.length > 1 ? `${several} have several zones; choose one with --tz` : 'no site has a time zone',
      };

/** A note for people with the zone of local dates and hours in the rows, if it was not chosen. */
export const zoneNotes = (report: Report, zone: ReportZone | undefined): string[] =>
  zone?.origin !== undefined && findRole(report, 'time_zone')?.inSql ? [`Times in ${zone.name} (${zone.origin}).`] : [];

/** The same for answers without a field for the zone; UTC goes without saying. */
export const pipeZoneNotes = (report: Report, zone: ReportZone | undefined): string[] =>
  zone?.name === 'UTC' ? [] : zoneNotes(report, zone);
