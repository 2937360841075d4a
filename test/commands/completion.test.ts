import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/main.ts';
import { processIo } from '../../src/io.ts';
import { frontMatter, reportFile, statement, writeFiles } from '../catalog/report-file.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const folder = scratch();
const db = join(folder, 'completion.duckdb');

/** Candidates without their descriptions. */
async function complete(...words: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await wattduck(['__complete', ...words], { env: { WATTDUCK_DB: db } });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]!]));
}

beforeAll(async () => {
  const files = ['fixtures/sites.csv', 'fixtures/customer_segments.csv', 'test/reports/data/dozen/dozen.csv'];
  await importFiles(files, db);
});

describe('words', () => {
  test('every command', async () => {
    const names = (await buildProgram(processIo())).commands.map((command) => command.name());
    expect(await complete('')).toEqual(names);
  });

  test.each([
    [['rep'], ['report']],
    [
      ['issues', ''],
      ['list', 'summary', 'history', 'ack'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'powershell'],
    ],
    [['help', 'user'], ['user-usage']],
    [['report', 'user'], ['user-usage']],
    [['report', '--db', 'x', 'user'], ['user-usage']],
    // Helpers only if one is being typed.
    [
      ['report', 'energy-forecast-'],
      ['energy-forecast-days', 'energy-forecast-models'],
    ],
    [['report', 'user-usage', '--li'], ['--limit']],
    [
      ['page', ''],
      ['customer', 'customers', 'network', 'site', 'station', 'report/'],
    ],
    [['page', 'net'], ['network']],
    [['page', 'report/user'], ['report/user-usage']],
    [
      ['page', 'network', '--compare', ''],
      ['previous', 'year-ago', 'off'],
    ],
    [['page', 'network', '--per'], ['--period']],
    [['page', 'network', '--period', 'last-m'], ['last-month']],
    [['page', 'network', '--site', 'site_01'], ['site_01']],
    [['page', 'site', 'site_01'], ['site_01']],
    [
      ['page', 'report/energy-trends', '--granularity', ''],
      ['day', 'week', 'month'],
    ],
    [['page', 'nowhere', '--per'], []],
    [['report', 'user-usage', '--limit', '--li'], []],
    [['issues', '--stat'], ['--status']],
    [['issues', 'history', '--lim'], ['--limit']],
    [
      ['report', 'energy-trends', '--granularity', ''],
      ['day', 'week', 'month'],
    ],
    [['report', 'energy-trends', '--granularity=m'], ['--granularity=month']],
    [
      ['report', 'energy-trends', '--period', 'this-'],
      ['this-week', 'this-month', 'this-quarter', 'this-year'],
    ],
    [
      ['report', 'energy-trends', '--columns', 'period,'],
      ['period,energy_kwh', 'period,session_count'],
    ],
    [['report', 'energy-trends', '--tz', 'Europe/Ber'], ['Europe/Berlin']],
    [['report', 'user-usage', '-f', 'm'], ['markdown']],
    [['export', ''], [':files']],
    [['export', 'out', '-f', 'x'], ['xlsx']],
    [['export', 'out', '--reports', 'user-usage,user'], []],
    [['export', 'out', '--reports', 'user-usage,energy-t'], ['user-usage,energy-trends']],
    [['export', 'out', '--period', 'last-q'], ['last-quarter']],
    [
      ['ingest', '--date-order', ''],
      ['dmy', 'mdy'],
    ],
    [['ingest', '--source', 'charging'], ['charging_sessions']],
    [['sources', 'describe', 'exch'], ['exchange_rates']],
    [['ingest', 'x.csv', ''], [':files']],
    [['report', 'user-usage', '-o', ''], [':files']],
    [['report', 'user-usage', '--db', ''], [':files']],
    [['report', 'no-such-report', ''], []],
    [
      ['prune', '--keep', ''],
      ['heartbeat=90d', 'meter=90d'],
    ],
    [['prune', '--keep=me'], ['--keep=meter=90d']],
    [['nothing', ''], []],
  ])('%j', async (words, candidates) => {
    expect(await complete(...words)).toEqual(candidates);
  });

  test("the user's own reports", async () => {
    writeFiles(folder, { 'own/reports/mine/probe.sql': reportFile(frontMatter, statement) });
    expect(await complete('report', '--sql-dir', join(folder, 'own'), 'pro')).toEqual(['probe']);
    expect(await complete('report', 'probe', '--lea', '--sql-dir', join(folder, 'own'))).toEqual([]);
    expect(await complete('report', 'probe', '--sql-dir', join(folder, 'own'), '--lea')).toEqual(['--least']);
  });

  test('with descriptions', async () => {
    expect((await wattduck(['__complete', 'ser'])).stdout).toBe('serve\tStart the HTTP server\n');
  });
});

describe('IDs from the database', () => {
  test.each([
    [
      ['charging-events', 'site_1'],
      ['site_10', 'site_11', 'site_12'],
    ],
    [
      ['charging-events', '--site-id', 'site_1'],
      ['site_10', 'site_11', 'site_12'],
    ],
    [['energy-trends', '--project-id=site_12'], ['--project-id=site_12']],
    [
      ['get-sessions', '--station-id', ''],
      ['A', 'B', 'C', 'D'],
    ],
    [['live-status', '"A'], ['A']],
    [['segment-customers', 'Window'], ['Window Shoppers']],
    [['segment-customers', "'; drop table sites --"], []],
  ])('%j', async (words, values) => {
    expect(await complete('report', ...words)).toEqual(values);
  });

  test('a missing or damaged database has none, and is not created', async () => {
    const damaged = join(folder, 'damaged.duckdb');
    writeFiles(folder, { 'damaged.duckdb': 'no database' });
    for (const path of [join(folder, 'missing.duckdb'), damaged, folder])
      expect(await complete('report', 'live-status', '--db', path, '')).toEqual([]);
    expect(readFileSync(damaged, 'utf8')).toBe('no database');
    expect(() => statSync(join(folder, 'missing.duckdb'))).toThrow('ENOENT');
  });

  test('the database is not written', async () => {
    const before = readFileSync(db);
    await complete('report', 'live-status', '');
    expect(readFileSync(db).equals(before)).toBe(true);
  });

  test('values with control characters are left out', async () => {
    const evil = join(folder, 'evil.duckdb');
    writeFiles(folder, { 'sites.csv': 'site_id,name\n"a\u001b[31mb",x\n"c\nd",x\nplain,x\n' });
    expect((await wattduck(['ingest', join(folder, 'sites.csv'), '--source', 'sites', '--db', evil])).status).toBe(0);
    expect(await complete('report', 'charging-events', '--db', evil, '')).toEqual(['plain']);
  });
});

test.each(['bash', 'zsh', 'fish'])('the script for %s is valid', async (shell) => {
  const { status, stdout } = await wattduck(['completion', shell]);
  expect(status).toBe(0);
  writeFiles(folder, { script: stdout });
  const check = spawnSync(shell, ['-n', join(folder, 'script')], { encoding: 'utf8' });
  // The shell may not be installed.
  if (!check.error) expect([check.status, check.stderr]).toEqual([0, '']);
});

test('an unknown shell names the known ones', async () => {
  expect((await wattduck(['completion', 'tcsh'])).stderr).toMatch(
    /Allowed choices are bash, zsh, fish, powershell\.\n$/,
  );
});
