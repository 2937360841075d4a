import type { Report } from '../catalog/definitions.ts';
import type { RunContext } from '../reports/run-report.ts';
import { runReport } from '../reports/run-report.ts';
import type { DuckDb } from '../warehouse/duckdb.ts';

/** Rows and period of a source, in milliseconds since 1970; without times for a source without a time column. */
export interface SourceExtent {
  rows: number;
  first: number | undefined;
  last: number | undefined;
}

/** What the database contains, as far as pages need it. */
export interface PageData {
  sources: ReadonlyMap<string, SourceExtent>;
  /** Sites by name, at most so many as a list can show. */
  sites: readonly { id: string; name: string }[];
  /** Time zones of the sites. */
  zones: readonly string[];
  /** Currencies of sessions. */
  currencies: readonly string[];
}

const maxSites = 500;

/** Reads what the database contains. */
export async function readPageData(duckdb: DuckDb, reports: readonly Report[], context: RunContext): Promise<PageData> {
  const extent = reports.find(({ name }) => name === 'data_extent');
  if (!extent) throw new Error('no report data_extent');
  const { rows } = await runReport(duckdb, extent, {}, context);
  const toMs = (cell: unknown): number | undefined =>
    typeof cell === 'string' ? Date.parse(`${cell.replace(' ', 'T')}Z`) : undefined;
  const sites = await duckdb.rows(
    `select id, coalesce(max(name), id) as label from (
       select site_id as id, site_name as name from sites
       union all select distinct site_id, null from charge_points
       union all select distinct site_id, null from charging_sessions
     ) as named_sites where id is not null group by id order by label, id limit ${maxSites}`,
  );
  const zones = await duckdb.rows('select distinct timezone from sites where timezone is not null order by timezone');
  const currencies = await duckdb.rows(
    'select distinct currency from charging_sessions where currency is not null order by currency limit 20',
  );
  return {
    sources: new Map(
      rows.map((row) => [
        String(row['source']),
        { rows: Number(row['row_count']), first: toMs(row['first_at']), last: toMs(row['last_at']) },
      ]),
    ),
    sites: sites.map(({ id, label }) => ({ id: String(id), name: String(label) })),
    zones: zones.map(({ timezone }) => String(timezone)),
    currencies: currencies.map(({ currency }) => String(currency)),
  };
}

/** Whether at least one of the sources has rows; true for an empty list. */
export const hasRows = ({ sources }: PageData, names: readonly string[]): boolean =>
  names.length === 0 || names.some((name) => (sources.get(name)?.rows ?? 0) > 0);
