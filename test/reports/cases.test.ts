import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { openForReading } from '../../src/warehouse/database.ts';
import { runReport } from '../../src/warehouse/run-report.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/engine.ts';

interface Case {
  /** How the expected answer was found. */
  why: string;
  given: Record<string, string>;
  rows?: Record<string, unknown>[];
  total?: number;
  error?: string;
  /** Columns that tell of the moment the test runs. */
  leaveOut?: string[];
}

const folder = 'test/reports';
const db = join(scratch(), 'cases.duckdb');
const { engine, catalog } = await openEngine();
const reports = await catalog.reports();

beforeAll(async () => {
  const { status } = await wattduck(['ingest', `${folder}/dozen.csv`, `${folder}/dirty.csv`, '--db', db]);
  expect(status).toBe(0);
  await openForReading(engine, db, catalog);
});

/** Numbers to ten digits: the last bits of a sum depend on the order of its terms. */
const rounded = (value: unknown): unknown => (typeof value === 'number' ? Number(value.toPrecision(10)) : value);

const plain = (row: Record<string, unknown>, leaveOut: string[] = []): [string, unknown][] =>
  Object.entries(row)
    .filter(([name]) => !leaveOut.includes(name))
    .map(([name, value]) => [name, rounded(value)]);

describe.each(reports.map((report): [string, Report] => [report.name, report]))('%s', (name, report) => {
  const at = join(folder, name);
  test('has cases', () => {
    expect(existsSync(at), `${at} is missing: a report needs a worked answer`).toBe(true);
  });
  for (const file of existsSync(at) ? readdirSync(at) : []) {
    const expected = JSON.parse(readFileSync(join(at, file), 'utf8')) as Case;
    test(`${file.replace('.json', '')}: ${expected.why}`, async () => {
      const run = runReport(engine, report, expected.given, { now: new Date('2026-01-01T00:00:00Z'), label: (each) => each });
      if (expected.error !== undefined) {
        await expect(run).rejects.toThrow(expected.error);
        return;
      }
      const { rows, total } = await run;
      expect(rows.map((row) => plain(row, expected.leaveOut))).toEqual(expected.rows!.map((row) => plain(row)));
      expect(total).toBe(expected.total);
    });
  }
});
