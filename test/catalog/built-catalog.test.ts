import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { readBuilt, serialize, type Definitions } from '../../src/catalog/built-catalog.ts';
import { Catalog } from '../../src/catalog/catalog.ts';
import type { Report } from '../../src/catalog/definitions.ts';
import { builtInFiles } from '../../src/catalog/sql-files.ts';
import { reportCte, viewCtes } from '../../src/catalog/views.ts';
import { builtCatalog } from '../../src/paths.ts';
import { sqlOf } from '../../src/reports/run-report.ts';
import { loadSegmentRules } from '../../src/reports/segment-rules.ts';
import { DuckDb } from '../../src/warehouse/duckdb.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { writeFiles } from './report-file.ts';

const files = builtInFiles();
const { catalog } = await openEngine();
let checked: Definitions;
beforeAll(async () => {
  checked = await catalog.checkedDefinitions();
});

describe('the built definitions', () => {
  test('are those of a fresh check; after a change of sql/ or src/catalog/: npm run build', () => {
    expect(readFileSync(builtCatalog, 'utf8') === serialize(files, checked)).toBe(true);
  });

  test('are read as they were written', () => {
    const path = join(scratch(), 'catalog.json');
    writeFileSync(path, serialize(files, checked));
    expect(readBuilt(files, path)).toEqual(checked);
  });

  test('answer for every file without a database', async () => {
    const built = Catalog.openBuilt()!;
    expect(await built.definitions()).toEqual(checked);
    expect(await built.formats()).toEqual(await catalog.formats());
    await expect(built.report('enery-trends')).rejects.toMatchObject({
      fullMessage: expect.stringContaining('Did you mean'),
    });
  });
});

describe('are not used', () => {
  const path = join(scratch(), 'catalog.json');
  const swap = (from: string, to: string): string => serialize(files, checked).replace(from, to);
  const changed = (text: string): typeof files => [{ ...files[0]!, text: text }, ...files.slice(1)];

  test.each([
    ['for a changed file', () => changed(`${files[0]!.text} `)],
    ['for a file more', () => [...files, { ...files[0]!, path: `${files[0]!.path}x`, text: '' }]],
    ['for a file less', () => files.slice(1)],
    ['for a file of another name', () => [{ ...files[0]!, path: `${files[0]!.path}x` }, ...files.slice(1)]],
  ])('%s', (_, found) => {
    writeFileSync(path, serialize(files, checked));
    expect(readBuilt(files, path)).toBeDefined();
    expect(readBuilt(found(), path)).toBeUndefined();
  });

  test.each([
    ['of another layout', () => swap('"layout":1', '"layout":0')],
    ['of other code', () => swap('"code":"', '"code":"0')],
    ['that are cut short', () => swap('}', '').slice(0, -1)],
    ['that are no JSON object', () => 'null'],
  ])('%s', (_, text) => {
    const other = join(scratch(), 'catalog.json');
    writeFileSync(other, text());
    expect(readBuilt(files, other)).toBeUndefined();
  });

  test('where there are none', () => {
    expect(readBuilt(files, join(scratch(), 'none.json'))).toBeUndefined();
  });
});

const rule = `/*---
title: Any session
description: Every session is one.
params: { ordinary: { description: Of this kind } }
---*/
select coalesce($ordinary::varchar, 'any') as type, 'low' as severity, station_id, connector_id, session_id,
       start_time as created_at, null::timestamp as resolved_at, 'A session.' as description
from charging_sessions
`;
const view = '/*---\ntitle: Tokens\ndescription: Not the table.\n---*/\nselect 1 as ingest_id\n';

describe("beside a user's files", () => {
  test('definitions are as a fresh check finds them: with a rule, a view named like a table, a macro', async () => {
    const own = writeFiles(scratch(), {
      'rules/any_session.sql': rule,
      'views/tokens.sql': view,
      'prelude/mine.sql': 'create macro half(x) as x / 2;',
    });
    const { catalog: beside } = await openEngine([own]);
    const report = await beside.report('issues');
    expect(report.parameters.map(({ name }) => name)).toContain('ordinary');
    expect(report.parameters).not.toEqual(checked.reports.find(({ name }) => name === 'issues')!.parameters);
    await expect(beside.report('tokens')).rejects.toMatchObject({
      fullMessage: expect.stringContaining('sql/reports/system/tokens.sql:'),
    });
    expect(await beside.report('station_analytics')).toEqual(
      checked.reports.find(({ name }) => name === 'station_analytics'),
    );
  });

  test('a macro that replaces a built-in one is noticed by the files that call it', async () => {
    const own = writeFiles(scratch(), { 'prelude/mine.sql': 'create or replace macro span_words(s) as ([7]);' });
    const { catalog: beside } = await openEngine([own]);
    await expect(beside.report('issues')).rejects.toMatchObject({
      fullMessage: expect.stringContaining('sql/rules/'),
    });
  });
});

describe('without DuckDB', () => {
  /** Node refuses to load DuckDB here. */
  const run = (...args: string[]) =>
    execaSync(process.execPath, ['--no-addons', 'bin/wattduck.js', ...args], { reject: false });

  test.each([
    [['report']],
    [['report', '--format', 'csv']],
    [['report', 'energy-trends', '--help']],
    [['report', 'revenue-forecasts', '--help']],
    [['issues', '--help']],
    [['issues', 'list', '--help']],
    [['sources', 'describe', 'charging_sessions']],
    [['sources', 'mappings']],
  ])('%j answers', (args) => {
    const { exitCode, stdout, stderr } = run(...args);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).not.toBe('');
  });

  test.each([
    [['report', 'energy-trend'], 'Did you mean energy-trends?'],
    [['report', 'energy-trends', '--form', '2024-01-01'], "unknown option '--form'"],
  ])('%j is refused', (args, said) => {
    const { exitCode, stderr } = run(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(said)]);
  });

  test('a report that is run needs it', () => {
    expect(run('report', 'energy-trends', '--db', builtCatalog).exitCode).toBe(1);
  });
});

/** SQL that answers one report, its totals and what is told beside them. */
function statements(report: Report): string[] {
  const { answer } = report;
  const named = (kind: 'facts' | 'totals'): string[] => (answer.shape === 'list' ? Object.values(answer[kind]) : []);
  const guard = answer.shape === 'list' && answer.guard !== undefined ? [answer.guard] : [];
  const unless = answer.shape !== 'tinybird' && answer.missing?.unless !== undefined ? [answer.missing.unless] : [];
  return [
    'select * from report',
    ...named('totals').map((sql) => `select ${sql} from report`),
    ...[...named('facts'), ...guard, ...unless].map((sql) => `select ${sql}`),
  ].map((sql) => `${reportCte(report)} ${sql}`);
}

test('a database prepared for one report can run it', async () => {
  const built = Catalog.openBuilt()!;
  for (const report of checked.reports) {
    const duckdb = await DuckDb.open();
    await built.prepare(duckdb, sqlOf(report));
    if (report.tables.includes('customer_segments')) await loadSegmentRules(duckdb);
    for (const sql of statements(report))
      await duckdb.check(sql).catch((error: Error) => {
        throw new Error(`${report.name}: ${error.message}\n${sql}`);
      });
    for (const table of report.tables) expect(await duckdb.tableColumns(table)).not.toEqual([]);
    const { series } = report.forecast ?? {};
    if (series) await duckdb.check(`with ${viewCtes([series]).join(', ')} select * from ${series.name}`);
    await duckdb.close();
  }
});
