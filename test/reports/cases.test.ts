import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { openForReading } from '../../src/warehouse/database.ts';
import type { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { caseContext, casesFolder, createSet, dataSets, expectCase, type Case } from '../support/report-cases.ts';

const databases = scratch();
const { catalog } = await openEngine();
const reports = await catalog.reports();

const opened = new Map<string, DuckDb>();
for (const set of dataSets) opened.set(set, await openSet(set));

async function openSet(set: string): Promise<DuckDb> {
  const db = join(databases, `${set}.duckdb`);
  await createSet(set, db);
  const { duckdb, catalog: own } = await openEngine();
  await openForReading(duckdb, db, own);
  return duckdb;
}

describe.each(reports.map((report): [string, Report] => [report.name, report]))('%s', (name, report) => {
  const at = join(casesFolder, name);
  test('has cases', () => {
    expect(existsSync(at), `${at} is missing: a report needs a worked answer`).toBe(true);
  });
  for (const file of existsSync(at) ? readdirSync(at) : []) {
    const expected = JSON.parse(readFileSync(join(at, file), 'utf8')) as Case;
    test(`${file.replace('.json', '')}: ${expected.why}`, () =>
      expectCase(runReport(opened.get(expected.data ?? 'dozen')!, report, expected.given, caseContext), expected));
  }
});
