import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { runReport } from '../../src/reports/run-report.ts';
import { scratch, wattduck } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { frontMatter, frontMatterWith, reportFile, statement, writeFiles } from './report-file.ts';

const folder = scratch();
const own = writeFiles(join(folder, 'sql'), {
  'reports/mine/my_report.sql': reportFile(),
  'reports/loose.sql': reportFile(frontMatterWith('title: Sessions by station', 'title: Loose')),
});
const db = join(folder, 'own.duckdb');
const csv = join(folder, 'four.csv');
writeFileSync(
  csv,
  'session_id,station_id,start_time\ns1,A,2024-01-01 10:00\ns2,B,2024-01-01 11:00\ns3,B,2024-01-02 10:00\ns4,C,2024-01-03 10:00\n',
);

describe('a report needs nothing but its file', () => {
  beforeAll(async () => {
    expect((await wattduck(['ingest', csv, '--db', db])).stderr).toBe('');
  });

  test('it runs on the command line', async () => {
    const { status, stdout, stderr } = await wattduck(['report', 'my-report', '--sql-dir', own, '--db', db, '--json']);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      meta: [
        { name: 'station_id', type: 'String' },
        { name: 'sessions', type: 'UInt64' },
      ],
      data: [
        { station_id: 'B', sessions: 2 },
        { station_id: 'A', sessions: 1 },
        { station_id: 'C', sessions: 1 },
      ],
      rows: 3,
      rows_before_limit_at_least: 3,
    });
  });

  test('its parameter, sort and page are options', async () => {
    const { stdout } = await wattduck([
      'report',
      'my-report',
      '--least',
      '2',
      '--sql-dir',
      own,
      '--db',
      db,
      '--format',
      'csv',
    ]);
    expect(stdout).toBe('station_id,sessions\nB,2\n');
    const sorted = await wattduck([
      'report',
      'my-report',
      '--sort',
      '-station_id',
      '--limit',
      '2',
      '--sql-dir',
      own,
      '--db',
      db,
      '--format',
      'csv',
    ]);
    expect(sorted.stdout).toBe('station_id,sessions\nC,1\nB,2\n');
    expect((await wattduck(['report', 'my-report', '--least', '-1', '--sql-dir', own, '--db', db])).stderr).toBe(
      'error: invalid value "-1" for --least: must be 0 or more\n',
    );
  });

  test('comments are ignored, also at the end', async () => {
    const withTotals = [
      ...frontMatter.slice(0, -1),
      'answer: { shape: list, key: stations, totals: { all_sessions: "coalesce(sum(sessions), 0)" } }',
    ];
    const text = reportFile(withTotals, `-- costs $ and 'quotes\n${statement} -- the end`).trimEnd();
    const commented = writeFiles(join(folder, 'commented'), { 'reports/mine/with_comment.sql': text });
    const { status, stdout, stderr } = await wattduck([
      'report',
      'with-comment',
      '--limit',
      '1',
      '--sql-dir',
      commented,
      '--db',
      db,
      '--json',
    ]);
    expect([status, stderr]).toEqual([0, 'Showing 1 of 3 rows (use --limit for more)\n']);
    expect(JSON.parse(stdout)).toEqual({
      stations: [{ station_id: 'B', sessions: 2 }],
      all_sessions: 4,
      truncated: true,
    });
  });

  test('a file named with dashes is found by its name', async () => {
    const dashes = writeFiles(join(folder, 'dashes'), { 'reports/mine/by-station.sql': reportFile() });
    const { status, stderr } = await wattduck(['report', 'by-station', '--sql-dir', dashes, '--db', db, '--json']);
    expect([status, stderr]).toEqual([0, '']);
  });

  test('a semicolon at the end is ignored', async () => {
    const closed = writeFiles(join(folder, 'closed'), {
      'reports/mine/closed.sql': reportFile(frontMatter, `${statement};`),
    });
    const { status, stderr } = await wattduck(['report', 'closed', '--sql-dir', closed, '--db', db, '--json']);
    expect([status, stderr]).toEqual([0, '']);
  });

  test('several folders can be combined', async () => {
    const more = writeFiles(join(folder, 'more'), { 'reports/other/second.sql': reportFile() });
    const { stdout } = await wattduck(['report', '--sql-dir', own, '--sql-dir', more, '--format', 'csv']);
    expect(stdout).toContain('mine,my-report,How many sessions each station had');
    expect(stdout).toContain('other,second,How many sessions each station had');
    expect(stdout).toContain('charging,get-sessions,');
  });
});

test('in the catalog it is like a built-in report', async () => {
  const { duckdb, catalog } = await openEngine([own]);
  const report = await catalog.report('my-report');
  expect(report).toMatchObject({
    name: 'my_report',
    group: 'mine',
    title: 'Sessions by station',
    grouped: true,
    http: [],
    key: ['station_id'],
  });
  expect(report.columns.map(({ name, type }) => [name, type])).toEqual([
    ['station_id', 'VARCHAR'],
    ['sessions', 'BIGINT'],
  ]);
  expect(report.parameters.map(({ name, type, inSql }) => [name, type, inSql])).toEqual([
    ['least', 'BIGINT', true],
    ['sort', 'VARCHAR', false],
    ['limit', 'BIGINT', false],
  ]);
  expect((await catalog.report('loose')).group).toBe('custom');

  await duckdb.run(`insert into charging_sessions (session_id, station_id, start_time, "timestamp")
    values ('s1', 'A', timestamp '2024-01-01', timestamp '2024-01-01'), ('s2', 'A', timestamp '2024-01-02', timestamp '2024-01-02')`);
  const { rows, total } = await runReport(duckdb, report, { least: '2' }, { now: new Date(0), label: (name) => name });
  expect([rows, total]).toEqual([[{ station_id: 'A', sessions: 2 }], 1]);
});

test('an empty folder adds nothing, and a missing folder is an error', async () => {
  mkdirSync(join(folder, 'empty'));
  const { catalog } = await openEngine([join(folder, 'empty')]);
  const { reports } = await catalog.checkAll();
  expect(reports).toBe((await (await openEngine()).catalog.checkAll()).reports);
  await expect(openEngine([join(folder, 'none')])).rejects.toMatchObject({
    kind: 'not_found',
    fullMessage: `${join(folder, 'none')}: file or folder not found. Check the path.`,
  });
});
