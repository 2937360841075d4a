import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/main.ts';
import { processIo } from '../../src/io.ts';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'verbosity.duckdb');
const file = 'test/reports/data/dozen/dozen.csv';

beforeAll(async () => {
  expect((await wattduck(['ingest', file, '--db', db])).status).toBe(0);
});

test('every command has --quiet and --verbose', async () => {
  const { commands } = await buildProgram(processIo());
  const leaves = commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
  expect(leaves.length).toBeGreaterThan(15);
  for (const command of leaves) {
    const flags = command.options.map(({ long }) => long);
    expect([command.name(), flags.includes('--quiet'), flags.includes('--verbose')]).toEqual([
      command.name(),
      true,
      true,
    ]);
  }
});

describe('--quiet', () => {
  test.each([
    ['a note on the period', ['report', 'energy-trends', '--period', '2024-01']],
    ['a note on rows left out', ['report', 'user-usage', '--limit', '1']],
    ['a note on no rows', ['report', 'user-usage', '--user-id', 'nobody']],
    ['hidden reports', ['report']],
    ['an export', ['export', join(folder, 'quiet'), '--reports', 'user-usage']],
    ['a statement', ['statement', '--all', '--month', '2024-01', '-o', join(folder, 'quiet.html')]],
  ])('%s', async (_, args) => {
    const [normal, quiet] = [await wattduck([...args, '--db', db]), await wattduck([...args, '--db', db, '-q'])];
    expect(normal.stderr).not.toBe('');
    expect(quiet).toEqual({ status: 0, stdout: normal.stdout, stderr: '' });
  });

  test('an import prints nothing, but its errors stay', async () => {
    const bad = join(folder, 'bad.csv');
    writeFileSync(bad, 'a,b\n1,2\n');
    expect(await wattduck(['ingest', file, '--db', db, '--quiet', '--force'])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const failed = await wattduck(['ingest', file, bad, '--db', db, '--quiet']);
    expect(failed).toMatchObject({ status: 1, stdout: '' });
    expect(failed.stderr).toMatch(new RegExp(`^error: ${bad}: .*\\nerror: 1 of 2 files were not imported\\n$`));
    // JSON is the answer, not a summary.
    expect((await wattduck(['ingest', file, '--db', db, '--quiet', '--json'])).stdout).toContain('"alreadyIn"');
  });

  test('an error with its line and caret stays', async () => {
    const { status, stderr } = await wattduck(['sql', 'selct 1', '--db', db, '-q']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: [\s\S]*\^/);
  });

  test('it cannot be combined with --verbose', async () => {
    const { status, stderr } = await wattduck(['sources', '-q', '-v', '--db', db]);
    expect([status, stderr]).toEqual([2, "error: option '-q, --quiet' cannot be used with option '-v, --verbose'\n"]);
  });
});

describe('--verbose', () => {
  test('names settings with their origin, SQL files and times', async () => {
    const args = ['report', 'user-usage', '--currency', 'EUR', '-v'];
    const { status, stderr } = await wattduck(args, { env: { WATTDUCK_DB: db, WATTDUCK_TZ: 'UTC' } });
    expect(status).toBe(0);
    const lines = stderr.trim().split('\n');
    expect(lines.filter((line) => !line.startsWith('verbose: '))).toEqual([]);
    expect(lines).toContain(`verbose: setting db: ${db} (WATTDUCK_DB)`);
    expect(lines).toContain('verbose: setting tz: UTC (WATTDUCK_TZ)');
    expect(stderr).toMatch(/^verbose: SQL sql\/reports\/charging\/user_usage\.sql, sql\/views\//m);
    expect(stderr).toMatch(/^verbose: ran user-usage: \d+ rows, \d+\.\d\d s$/m);
    expect(lines.at(-1)).toMatch(/^verbose: total: \d+\.\d\d s$/);
  });

  test('an import names the SQL of its source', async () => {
    const { stderr } = await wattduck(['ingest', file, '--db', db, '--force', '--verbose']);
    expect(stderr).toMatch(/^verbose: .*dozen\.csv: SQL sql\/sources\/charging_sessions\.sql: \d+\.\d\d s$/m);
  });
});
