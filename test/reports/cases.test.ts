import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { openEngine } from '../support/duckdb.ts';
import { caseFiles, openSets, testCase } from '../support/report-cases.ts';

const reports = await (await openEngine()).catalog.reports();
const opened = await openSets();

describe.each(reports.map((report): [string, Report] => [report.name, report]))('%s', (name, report) => {
  const files = caseFiles(report);
  test('has cases', () => {
    expect(files, `test/reports/${name} is missing: a report needs a worked answer`).not.toEqual([]);
  });
  for (const file of files) testCase(report, file, opened);
});
