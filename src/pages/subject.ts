import type { LinkRole } from '../catalog/definitions.ts';
import { WattduckError } from '../errors/wattduck-error.ts';
import { literal, type DuckDb } from '../warehouse/duckdb.ts';

/** The thing that a page is about. */
export interface Subject {
  id: string;
  name: string;
  /** Its site, for a charge point. */
  site?: { id: string; name: string };
}

/** What a page is about, and selects of its ID as `id` and its name as `name`, the best first. */
const kinds: Record<LinkRole, { what: string; selects: readonly string[] }> = {
  site: {
    what: 'site',
    selects: [
      'select site_id as id, site_name as name from sites',
      'select site_id as id, null as name from charge_points',
      'select site_id as id, null as name from charging_sessions',
    ],
  },
  charge_point: {
    what: 'charge point',
    selects: [
      'select station_id as id, charge_point_name as name from charge_points',
      'select station_id as id, null as name from charging_sessions',
      'select station_id as id, null as name from charge_point_events',
    ],
  },
  customer: {
    what: 'customer',
    selects: [
      'select customer_id as id, null as name from customer_events',
      'select customer_id as id, null as name from customer_profiles',
    ],
  },
};

/** Finds the thing with an ID. @throws WattduckError (record_not_found) */
export async function findSubject(duckdb: DuckDb, role: LinkRole, id: string): Promise<Subject> {
  for (const select of kinds[role].selects) {
    const [row] = await duckdb.rows(`select name from (${select}) where id = ${literal(id)} limit 1`);
    if (!row) continue;
    const site = role === 'charge_point' ? await siteOf(duckdb, id) : undefined;
    return { id, name: String(row['name'] ?? id), ...(site === undefined ? {} : { site }) };
  }
  throw new WattduckError('record_not_found', { record: kinds[role].what, value: id });
}

async function siteOf(duckdb: DuckDb, station: string): Promise<Subject['site']> {
  const [row] = await duckdb.rows(
    `select charge_points.site_id as id, site_name as name from charge_points left join sites on sites.site_id = charge_points.site_id
     where station_id = ${literal(station)} and charge_points.site_id is not null limit 1`,
  );
  return row ? { id: String(row['id']), name: String(row['name'] ?? row['id']) } : undefined;
}
