import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { toDocument } from '../../src/reports/document.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { openForReading } from '../../src/warehouse/database.ts';
import type { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { dataReports } from '../support/report-params.ts';

const folder = scratch();
const [db, target] = [join(folder, 'fixtures.duckdb'), join(folder, 'parquet')];
const { catalog } = await openEngine();
let opened: DuckDb[] = [];

/** IDs in the fixtures, for reports that need one. */
let ids: Record<string, string> = {};

beforeAll(async () => {
  const files = readdirSync('fixtures').filter((name) => /\.(csv|ndjson\.gz)$/.test(name));
  const ingest = await wattduck(['ingest', ...files.map((name) => join('fixtures', name)), '--db', db]);
  expect(ingest.stderr).not.toContain('error');
  const exported = await wattduck(['export', '--parquet', target, '--db', db]);
  expect(exported.status, exported.stderr).toBe(0);
  opened = await Promise.all(
    [db, target].map(async (path) => {
      const engine = await openEngine();
      await openForReading(engine.duckdb, path, engine.catalog);
      return engine.duckdb;
    }),
  );
  const row = await opened[0]!.row(
    `select (select min(station_id) from charging_sessions) as station, (select min(site_id) from sites) as site,
       (select min(customer_id) from customer_events) as customer, (select min(segment_name) from customer_segments) as segment,
       (select arg_min(issue_id, created_at) from issues) as issue, (select max(start_time)::date::varchar from charging_sessions) as day`,
  );
  const { station, site, customer, segment, issue, day } = row as Record<string, string>;
  ids = {
    charge_point_id: station!,
    site_id: site!,
    project_id: site!,
    customer_id: customer!,
    segment_name: segment!,
    issue_id: issue!,
    from: '2025-01-01',
    to: day!,
    as_of: day!,
    month: day!.slice(0, 7),
  };
});

/** Sums of doubles depend on the order of threads in the last bits. */
const rounded = (document: unknown): string =>
  JSON.stringify(
    document,
    (_, value: unknown) =>
      typeof value === 'number' && !Number.isSafeInteger(value) ? Number(value.toPrecision(10)) : value,
    1,
  );

const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => name, defaultTimeZone: 'UTC' };

test.each(dataReports(await catalog.reports()).map((report) => [report.name, report] as const))(
  '%s on a folder of the fixtures',
  async (name, report) => {
    const params = Object.fromEntries(
      report.parameters
        .filter(({ name, required, role }) => required || role === 'now' || name === 'project_id')
        .map(({ name, example }) => [name, ids[name] ?? example ?? '']),
    );
    const [fromFile, fromFolder] = await Promise.all(
      opened.map(async (duckdb) => {
        const answer = await runReport(duckdb, report, params, context, true);
        const { statistics: _, ...document } = toDocument(answer) as Record<string, unknown>;
        return { document: rounded(document), notes: answer.notes, total: answer.total };
      }),
    );
    expect(fromFolder, name).toEqual(fromFile);
  },
);
