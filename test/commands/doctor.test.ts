import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'doctor.duckdb');

test('each setting is shown with its origin', async () => {
  const { status, stdout } = await wattduck(['doctor', '--tz', 'Europe/Berlin', '--format', 'csv'], {
    env: { WATTDUCK_DB: db },
  });
  expect(status).toBe(0);
  expect(stdout).toContain(`setting db,${db},WATTDUCK_DB\n`);
  expect(stdout).toContain('setting tz,Europe/Berlin,--tz\n');
  expect(stdout).toContain('setting memory-limit,DuckDB default,default\n');
  expect(stdout).toContain('database,not found: `wattduck ingest FILE` creates it');
});

test('every SQL file is checked, and table rows are counted', async () => {
  await wattduck(['ingest', 'test/reports/data/dozen/dozen.csv', '--db', db]);
  const { stdout } = await wattduck(['doctor', '--db', db]);
  expect(stdout).toMatch(
    /SQL files +\d+ sources, \d+ mappings, \d+ views, \d+ rules, \d+ reports, \d+ actions, \d+ pages: all valid/,
  );
  expect(stdout).toMatch(/charging_sessions: 12 rows/);
});

test('a broken SQL file of the user is named, with line and fix', async () => {
  const own = join(folder, 'own');
  mkdirSync(join(own, 'reports', 'mine'), { recursive: true });
  writeFileSync(join(own, 'reports', 'mine', 'bad.sql'), '/*---\ntitle: Bad\n---*/\nselect 1\n');
  const { status, stdout, stderr } = await wattduck(['doctor', '--sql-dir', own]);
  expect(status).toBe(1);
  expect(stdout).toContain(
    `problem               ${join(own, 'reports', 'mine', 'bad.sql')}:1: missing key "description". Add it to the front matter.`,
  );
  expect(stderr).toBe('error: doctor found a problem\n');
});

test('an unknown time zone is a problem', async () => {
  const { status, stdout } = await wattduck(['doctor', '--tz', 'Europe/Berln', '--db', db]);
  expect(status).toBe(2);
  expect(stdout).toContain(
    'problem               invalid value "Europe/Berln" for --tz: expected an IANA time zone. Did you mean Europe/Berlin?',
  );
});

test('a file that is not a database is a problem', async () => {
  const { status, stdout } = await wattduck(['doctor', '--db', 'package.json']);
  expect(status).toBe(1);
  expect(stdout).toContain('package.json is not a DuckDB database. Choose another file with --db.');
});
