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
  test('equal those of a fresh check (after a change of sql/ or src/catalog/, run npm run build)', () => {
    expect(readFileSync(builtCatalog, 'utf8') === serialize(files, checked)).toBe(true);
  });

  test('are read as written', () => {
    const path = join(scratch(), 'catalog.json');
    writeFileSync(path, serialize(files, checked));
    expect(readBuilt(files, path)).toEqual(checked);
  });

  test('cover every file without a database', async () => {
    const built = Catalog.openBuilt()!;
    expect(await built.definitions()).toEqual(checked);
    expect(await built.mappings()).toEqual(await catalog.mappings());
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
    ['for an additional file', () => [...files, { ...files[0]!, path: `${files[0]!.path}x`, text: '' }]],
    ['for a missing file', () => files.slice(1)],
    ['for a renamed file', () => [{ ...files[0]!, path: `${files[0]!.path}x` }, ...files.slice(1)]],
  ])('%s', (_, found) => {
    writeFileSync(path, serialize(files, checked));
    expect(readBuilt(files, path)).toBeDefined();
    expect(readBuilt(found(), path)).toBeUndefined();
  });

  test.each([
    ['of another layout', () => swap('"layout":3', '"layout":0')],
    ['of other code', () => swap('"code":"', '"code":"0')],
    ['that are truncated', () => swap('}', '').slice(0, -1)],
    ['that are not a JSON object', () => 'null'],
  ])('%s', (_, text) => {
    const other = join(scratch(), 'catalog.json');
    writeFileSync(other, text());
    expect(readBuilt(files, other)).toBeUndefined();
  });

  test('if the file does not exist', () => {
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

describe('with files of the user', () => {
  test('definitions equal those of a fresh check: with a rule, a view named like a table, a macro', async () => {
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

  test('a macro that replaces a built-in macro causes a new check of the files that call it', async () => {
    const own = writeFiles(scratch(), { 'prelude/mine.sql': 'create or replace macro duration_text(s) as ([7]);' });
    const { catalog: beside } = await openEngine([own]);
    await expect(beside.report('issues')).rejects.toMatchObject({
      fullMessage: expect.stringContaining('sql/rules/'),
    });
  });
});

describe('without DuckDB', () => {
  /** Runs wattduck in a process that cannot load DuckDB. */
  const run = (...args: string[]) =>
    execaSync(process.execPath, ['--no-addons', 'bin/wattduck.js', ...args], { reject: false });

  test.each([
    [['report', '--all']],
    [['report', '--all', '--format', 'csv']],
    [['report', 'energy-trends', '--help']],
    [['report', 'revenue-forecasts', '--help']],
    [['issues', '--help']],
    [['issues', 'list', '--help']],
    [['sources', 'describe', 'charging_sessions']],
    [['sources', 'mappings']],
  ])('%j works', (args) => {
    const { exitCode, stdout, stderr } = run(...args);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).not.toBe('');
  });

  test.each([
    [['report', 'energy-trend'], 'Did you mean energy-trends, '],
    [['report', 'energy-trends', '--form', '2024-01-01'], "unknown option '--form'"],
  ])('%j is rejected', (args, expected) => {
    const { exitCode, stderr } = run(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(expected)]);
  });

  test('running a report needs DuckDB', () => {
    expect(run('report', 'energy-trends', '--db', builtCatalog).exitCode).toBe(1);
  });
});

/** SQL of a report, its totals, facts, guard, empty and missing.unless. */
function statements(report: Report): string[] {
  const { answer } = report;
  const named = (kind: 'facts' | 'totals'): string[] => (answer.shape === 'list' ? Object.values(answer[kind]) : []);
  const guard = answer.shape === 'list' && answer.guard !== undefined ? [answer.guard] : [];
  const unless = answer.shape !== 'tinybird' && answer.missing?.unless !== undefined ? [answer.missing.unless] : [];
  const empty = answer.shape === 'object' ? Object.values(answer.empty ?? {}) : [];
  return [
    'select * from report',
    ...named('totals').map((sql) => `select ${sql} from report`),
    ...[...named('facts'), ...guard, ...unless, ...empty].map((sql) => `select ${sql}`),
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
