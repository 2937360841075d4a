import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
const db = join(folder, 'x.duckdb');
writeFileSync(
  join(folder, 's.csv'),
  'session_id,station_id,user_id,start_time,end_time,energy_kwh,status\na,"A ""1""\t2",dan,2024-01-01 00:00:00,2024-01-01 01:00:00,4.5,completed\nb,=1+1,eve,2024-01-02 00:00:00,2024-01-02 01:00:00,1234.25,completed\n',
);
expect((await wattduck(['ingest', join(folder, 's.csv'), '--db', db])).status).toBe(0);

const file = (name: string): string => join(folder, name);
const report = ['report', 'get-sessions', '--db', db, '--columns', 'station_id,energy_consumed', '--all'];

describe('TSV', () => {
  const expected = 'station_id\tenergy_consumed\n=1+1\t1234.25\n"A ""1""\t2"\t4.5\n';

  test('as a file, streamed, by extension', async () => {
    expect(await wattduck([...report, '-o', file('x.TSV')])).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(file('x.TSV'), 'utf8')).toBe(expected);
  });

  test('with --format, safe for spreadsheets', async () => {
    const { stdout } = await wattduck([...report, '--format', 'tsv', '--csv-safe']);
    expect(stdout).toBe(expected.replace('=1+1', `"'=1+1"`));
  });

  test('from a query', async () => {
    const { stdout } = await wattduck(['sql', "select 'a,b' as x, 1.5 as y", '--db', db, '--format', 'tsv']);
    expect(stdout).toBe('x\ty\na,b\t1.5\n');
  });

  test('with a total', async () => {
    const args = ['report', 'user-usage', '--db', db, '--total', '--columns', 'user_id,total_sessions'];
    const { stdout } = await wattduck([...args, '--format', 'tsv']);
    expect(stdout).toBe('user_id\ttotal_sessions\ndan\t1\neve\t1\nTotal\t2\n');
  });
});

describe('the extension of -o', () => {
  test.each(['x.xml', 'x.csv.gz', 'x.pdf', '.foo'])('%s is rejected', async (name) => {
    const path = file(name);
    for (const args of [
      report,
      ['sql', 'select 1 as a', '--db', db],
      ['report'],
      ['report', 'energy-trends', '--db', db, '--chart'],
    ]) {
      const { status, stdout, stderr } = await wattduck([...args, '-o', path]);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`error: ${path}: unknown extension .${name.split('.').at(-1)}. Known: .json, `);
      expect(stderr).toContain('.csv, .tsv, ');
      expect(stderr).toContain('.svg. To write another one, add --format.');
    }
    expect(existsSync(path)).toBe(false);
  });

  test('is free with --format', async () => {
    expect((await wattduck([...report, '--format', 'csv', '-o', file('x.dat')])).status).toBe(0);
    expect(readFileSync(file('x.dat'), 'utf8')).toBe('station_id,energy_consumed\n=1+1,1234.25\n"A ""1""\t2",4.5\n');
  });

  test('may be absent: the file gets a table', async () => {
    for (const name of ['plain', 'ends-with-dot.', '-'])
      expect((await wattduck(['sql', 'select 1 as a', '--db', db, '-o', file(name)])).status).toBe(0);
    expect(readFileSync(file('plain'), 'utf8')).toBe('a\n─\n1\n');
  });

  test('of a folder does not count', async () => {
    const { status } = await wattduck([
      'sql',
      'select 1 as a',
      '--db',
      db,
      '-o',
      `${folder}/../${folder.split('/').at(-1)}/y`,
    ]);
    expect(status).toBe(0);
  });
});
