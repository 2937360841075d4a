import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { ruleFor } from '../../src/ingest/file-rules.ts';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';

const folder = scratch();
const config = join(folder, 'wattduck.config.json');
const db = join(folder, 'network.duckdb');
const settings = {
  db: 'network.duckdb',
  currency: 'SEK',
  cors: ['https://a.example'],
  log: 'json',
  encoding: { 'old/*.csv': 'latin-1' },
  mapping: { 'mine-*.csv': 'mine.sql' },
};

beforeEach(() => writeFileSync(config, JSON.stringify(settings)));

const run = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> => wattduck(args, { cwd: folder, env });

describe('config', () => {
  test('lists every setting with its value and origin', async () => {
    const { status, stdout } = await run(['config', '--tz', 'Europe/Oslo', '--json'], {
      WATTDUCK_PORT: '9000',
      WATTDUCK_TOKEN: 'do-not-show-this',
    });
    expect(status).toBe(0);
    expect(stdout).not.toContain('do-not-show-this');
    const list = JSON.parse(stdout) as { setting: string; value: string; origin: string }[];
    expect(Object.fromEntries(list.map(({ setting, value, origin }) => [setting, [value, origin]]))).toMatchObject({
      db: [db, config],
      tz: ['Europe/Oslo', '--tz'],
      currency: ['SEK', config],
      cors: ['https://a.example', config],
      log: ['json', config],
      encoding: ['old/*.csv: latin-1', config],
      mapping: ['mine-*.csv: mine.sql', config],
      port: ['9000', 'WATTDUCK_PORT'],
      wait: ['600 s', 'default'],
      redact: ['false', 'default'],
    });
  });

  test('prints a table', async () => {
    const { stdout } = await run(['config']);
    expect(stdout.split('\n')[0]).toMatch(/^setting +value +origin$/);
    expect(stdout).toMatch(/^host +127\.0\.0\.1 +default$/m);
  });

  test.each([
    [{ encoding: 7 }, 'encoding'],
    [{ mapping: { 'a.csv': 1 } }, 'mapping'],
    [{ encoding: ['latin-1'] }, 'encoding'],
  ])('%j is rejected with the expected form', async (content, name) => {
    writeFileSync(config, JSON.stringify(content));
    const { status, stderr } = await run(['config']);
    expect(status).toBe(2);
    expect(stderr).toContain(`"${name}"`);
    expect(stderr).toContain('{ "old/*.csv": "latin-1" }');
  });
});

test('a rule matches the name of a file, or with a slash its path below the folder', () => {
  const rule = (pattern: string): Parameters<typeof ruleFor>[0] => [{ pattern, value: 'x', folder: resolve('/data') }];
  const matches = (pattern: string, file: string): boolean => ruleFor(rule(pattern), file) !== undefined;
  expect(['/data/a.csv', '/other/a.csv', 'a.csv', '/data/a.csv.gz'].map((file) => matches('*.csv', file))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(['/data/old/a.csv', '/data/a.csv', '/data/x/old/a.csv'].map((file) => matches('old/*.csv', file))).toEqual([
    true,
    false,
    false,
  ]);
  expect(['/data/old/a.csv', '/data/x/y/old/a.csv'].map((file) => matches('**/old/*.csv', file))).toEqual([true, true]);
  expect(matches('*', '-')).toBe(false);
  // The first rule wins.
  expect(
    ruleFor(
      [
        { pattern: 'a*', value: 'first', folder: '/' },
        { pattern: '*', value: 'second', folder: '/' },
      ],
      'a.csv',
    )!.value,
  ).toBe('first');
});

describe('rules for files', () => {
  const header = 'session_id,station_id,start_time,end_time,energy_kwh,location\n';
  const latin1 = Buffer.from(`${header}a,A,2024-01-01 08:00:00,2024-01-01 09:00:00,5,Zürich ñ\n`, 'latin1');

  test('an encoding applies to the files of its pattern', async () => {
    mkdirSync(join(folder, 'old'), { recursive: true });
    writeFileSync(join(folder, 'old', 'a.csv'), latin1);
    expect((await run(['ingest', join(folder, 'old', 'a.csv'), '--db', db])).status).toBe(0);
    const { stdout } = await run(['sql', 'select location from charging_sessions', '--db', db, '-f', 'csv']);
    expect(stdout).toBe('location\nZürich ñ\n');
    // The option wins: these bytes are other letters in the encoding of Central Europe.
    await run(['ingest', join(folder, 'old', 'a.csv'), '--db', db, '--encoding', 'windows-1250', '--force']);
    expect((await run(['sql', 'select location from charging_sessions', '--db', db, '-f', 'csv'])).stdout).toBe(
      'location\nZürich ń\n',
    );
  });

  test('a mapping file is below the folder of the configuration', async () => {
    writeFileSync(
      join(folder, 'mine.sql'),
      [
        '/*---',
        'title: Mine',
        'description: Sessions of my own system.',
        'source: charging_sessions',
        'detect_by: [no, box, from, to, kwh]',
        '---*/',
        'select no as session_id, box as station_id, "from" as start_time, "to" as end_time, kwh as energy_kwh from input',
      ].join('\n'),
    );
    writeFileSync(join(folder, 'mine-1.csv'), 'no,box,from,to,kwh\n1,B,2024-01-01 08:00,2024-01-01 09:00,4\n');
    const { status, stderr, stdout } = await run(['ingest', join(folder, 'mine-1.csv'), '--db', db]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('charging_sessions by mine');
  });
});

describe('an empty inbox', () => {
  const inbox = join(folder, 'inbox');
  mkdirSync(inbox, { recursive: true });

  test('is an error, unless --allow-empty accepts it', async () => {
    const unused = join(folder, 'unused.duckdb');
    const failed = await run(['ingest', inbox, '--db', unused]);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('--allow-empty');
    for (const name of [inbox, join(inbox, '*.csv')])
      expect(await run(['ingest', name, '--db', unused, '--allow-empty'])).toEqual({
        status: 0,
        stdout: '',
        stderr: 'no files to import\n',
      });
    expect(existsSync(unused)).toBe(false);
  });

  test('a file that does not exist is an error all the same', async () => {
    expect((await run(['ingest', join(inbox, 'no.csv'), '--db', db, '--allow-empty'])).status).toBe(1);
  });
});

describe('a failed first import', () => {
  const bad = join(folder, 'bad.csv');
  const good = join(folder, 'good.csv');
  writeFileSync(bad, 'a,b\n1,2\n');
  writeFileSync(
    good,
    'session_id,station_id,start_time,end_time,energy_kwh\na,A,2024-01-01 08:00,2024-01-01 09:00,5\n',
  );
  const files = (): string[] => readdirSync(folder).filter((name) => name.startsWith('first'));

  test('leaves no database behind', async () => {
    const first = join(folder, 'first.duckdb');
    expect((await run(['ingest', bad, '--db', first])).status).not.toBe(0);
    expect(files()).toEqual([]);
    expect((await run(['ingest', bad, bad, '--db', first])).status).not.toBe(0);
    expect(files()).toEqual([]);
    const strict = join(folder, 'strict.csv');
    writeFileSync(strict, 'session_id,station_id,start_time,end_time,energy_kwh\na,A,nonsense,2024-01-01 09:00,5\n');
    expect((await run(['ingest', strict, '--strict', '--db', first])).status).toBe(3);
    expect(files()).toEqual([]);
  });

  test('keeps it if another file was imported, or if it was there before', async () => {
    const first = join(folder, 'first.duckdb');
    expect((await run(['ingest', bad, good, '--db', first])).status).not.toBe(0);
    expect(files()).toEqual(['first.duckdb']);
    expect((await run(['ingest', bad, '--db', first])).status).not.toBe(0);
    const { stdout } = await run(['sql', 'select count(*) as n from charging_sessions', '--db', first, '-f', 'csv']);
    expect(stdout).toBe('n\n1\n');
  });
});
