import { describe, expect } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { caseFiles, openSets, testCase } from '../support/report-cases.ts';
import { sample } from '../support/runs.ts';

const reports = await (await openEngine()).catalog.reports();
// A folder made of the same data gives the same answers.
const opened = await openSets(async (db) => {
  const folder = db.replace('.duckdb', '');
  const { status, stderr } = await wattduck(['export', '--parquet', folder, '--db', db]);
  expect(status, stderr).toBe(0);
  return folder;
});

// Requests and tokens belong to a server and are not exported.
const exported = reports.filter(({ tables }) => !tables.some((table) => table === 'requests' || table === 'tokens'));

describe.each(exported.map((report): [string, Report] => [report.name, report]))('%s', (_, report) => {
  for (const file of sample(caseFiles(report), 2)) testCase(report, file, opened);
});
