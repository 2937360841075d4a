import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Catalog } from '../../src/catalog/catalog.ts';
import type { RawParameters, Report } from '../../src/catalog/definitions.ts';
import { runReport, type Answer } from '../../src/reports/run-report.ts';
import type { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';

export interface ReportRunner {
  duckdb: DuckDb;
  catalog: Catalog;
  run(name: string, params?: RawParameters): Promise<Answer>;
  insertSessions(rows: readonly Partial<SessionRow>[]): Promise<void>;
  report(name: string): Promise<Report>;
}

/** A row of charging_sessions; missing values are null or a default. */
export interface SessionRow {
  session_id: string;
  station_id: string;
  location: string | null;
  user_id: string | null;
  start_time: string;
  end_time: string | null;
  energy_kwh: number | null;
  amount_paid: number | null;
  currency: string | null;
}

/** An in-memory database with custom reports: the text of each file by name. */
export async function createReportRunner(files: Record<string, string>): Promise<ReportRunner> {
  const folder = scratch();
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, 'reports', 'mine', `${name}.sql`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const { duckdb, catalog } = await openEngine([folder]);
  const context = { now: new Date('2026-01-01T00:00:00Z'), label: (name: string) => `--${name}` };
  const sqlValue = (each: unknown): string =>
    each === null || each === undefined ? 'null' : typeof each === 'number' ? String(each) : `'${String(each)}'`;
  return {
    duckdb,
    catalog,
    report: (name) => catalog.report(name),
    run: async (name, params = {}) => runReport(duckdb, await catalog.report(name), params, context),
    insertSessions: async (rows) => {
      await duckdb.run('delete from charging_sessions');
      if (rows.length === 0) return;
      const list = rows.map((row, at) => {
        const all = {
          session_id: `s${at}`,
          station_id: 'A',
          start_time: '2024-01-01 10:00:00',
          ...row,
          timestamp: '2024-01-01',
        };
        const columns = [
          'session_id',
          'station_id',
          'location',
          'user_id',
          'start_time',
          'end_time',
          'energy_kwh',
          'amount_paid',
          'currency',
          'timestamp',
        ] as const;
        return `(${columns.map((column) => sqlValue(all[column as keyof typeof all])).join(', ')})`;
      });
      await duckdb.run(`insert into charging_sessions (session_id, station_id, location, user_id, start_time, end_time, energy_kwh, amount_paid, currency, "timestamp")
        values ${list.join(', ')}`);
    },
  };
}
