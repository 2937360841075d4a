import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import XLSX from '@e965/xlsx';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';
import { writeReports } from '../support/report-files.ts';

const folder = scratch();
const db = join(folder, 'dozen.duckdb');
const sessions = readFileSync('test/reports/data/dozen/dozen.csv', 'utf8').trim().split('\n').slice(1);
const now = new Date('2024-02-10T00:00:00Z');

beforeAll(async () => {
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
});

const exportTo = (target: string, ...args: string[]): Promise<CliResult> =>
  wattduck(['export', target, '--db', db, ...args], { now });

/** A custom report that fails while it runs, one with a long title, and one without rows. */
const custom = writeReports({
  broken: {
    columns: ['n'],
    sql: "select fail_above(char_length(station_id), 0, 'an ID is too long') as n from charging_sessions",
  },
  nothing: { columns: ['station_id'], sql: "select station_id from charging_sessions where station_id = 'nobody'" },
  stations: { columns: ['station_id'], sql: 'select distinct station_id from charging_sessions' },
});

describe('a folder', () => {
  test('gets a file for each of the ten most useful reports that have data', async () => {
    const target = join(folder, 'new', 'monthly');
    const { status, stdout, stderr } = await exportTo(target, '--period', '2024-01');
    expect([status, stdout]).toEqual([0, '']);
    const files = readdirSync(target).toSorted();
    expect(files).toContain('station-analytics.csv');
    expect(files).not.toContain('customer-funnel.csv');
    const lines = stderr.trim().split('\n');
    // Every report is accounted for, either as a file or with the reason why it is left out.
    const leftOut = lines.filter((line) => line.includes('  left out: '));
    expect(leftOut.join('\n')).toMatch(
      /^customer-funnel +left out: no customer events imported\. Run: wattduck ingest/m,
    );
    expect(files.length + leftOut.length).toBe(10);
    expect(lines.at(-1)).toBe(`${target}: ${files.length} files written, ${leftOut.length} left out`);
    // Counted here: the stations and users of January.
    const january = sessions.map((line) => line.split(',')).filter((cells) => cells[4]!.startsWith('2024-01'));
    const stations = new Set(january.map((cells) => cells[1])).size;
    expect(stderr).toMatch(new RegExp(`^station-analytics\\.csv +${stations} rows$`, 'm'));
    expect(readFileSync(join(target, 'station-analytics.csv'), 'utf8').trim().split('\n')).toHaveLength(stations + 1);
  });

  test.each(['csv', 'tsv', 'json', 'ndjson', 'html'])('the files in %s are those of the reports', async (format) => {
    const target = join(folder, format);
    expect((await exportTo(target, '--format', format, '--reports', 'user-usage,energy-trends')).status).toBe(0);
    for (const name of ['user-usage', 'energy-trends']) {
      const single = join(folder, `single.${format}`);
      expect((await wattduck(['report', name, '--db', db, '-o', single], { now })).status).toBe(0);
      const [exported, reported] = [join(target, `${name}.${format}`), single].map((path) =>
        readFileSync(path, 'utf8').replace(/"elapsed": [\d.]+/, ''),
      );
      expect(exported).toBe(reported);
    }
  });

  test('all rows are written, whatever the default limit of a report', async () => {
    const many = join(folder, 'many.duckdb');
    const rows = Array.from(
      { length: 150 },
      (_, at) => `m${at},P${at},2024-01-01 08:00:00,2024-01-01 09:00:00,5,completed`,
    );
    const csv = join(folder, 'many.csv');
    writeFileSync(csv, ['session_id,station_id,start_time,end_time,energy_kwh,status', ...rows].join('\n'));
    expect((await wattduck(['ingest', csv, '--db', many])).status).toBe(0);
    const { stderr } = await wattduck(['export', join(folder, 'all'), '--reports', 'station_analytics', '--db', many]);
    expect(stderr).toContain('station-analytics.csv  150 rows');
  });

  test('a report that fails keeps its old file, and does not lose the others', async () => {
    const target = join(folder, 'partly');
    mkdirSync(target);
    writeFileSync(join(target, 'broken.csv'), 'old');
    writeFileSync(join(target, 'stations.csv'), 'old');
    const { status, stderr } = await exportTo(target, '--reports', 'broken,stations', '--sql-dir', custom);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: broken: .*an ID is too long/m);
    expect(stderr).toMatch(/: 1 file written, 1 failed\nerror: 1 of 2 reports were not written\n$/);
    // Nothing but the two files: no temporary ones.
    expect(readdirSync(target).toSorted()).toEqual(['broken.csv', 'stations.csv']);
    expect(readFileSync(join(target, 'broken.csv'), 'utf8')).toBe('old');
    expect(readFileSync(join(target, 'stations.csv'), 'utf8')).toBe('station_id\nA\nB\nC\nD\n');
  });

  test('a report without rows is not left out if it is requested, or has an older file', async () => {
    const target = join(folder, 'empty');
    const requested = await exportTo(target, '--reports', 'nothing,stations', '--sql-dir', custom);
    expect(requested.stderr).toMatch(/^nothing\.csv +(no rows|0 rows)/m);
    expect(readFileSync(join(target, 'nothing.csv'), 'utf8')).toBe('station_id\n');
    writeFileSync(join(target, 'customer-funnel.csv'), 'of last month');
    expect((await exportTo(target)).status).toBe(0);
    expect(readFileSync(join(target, 'customer-funnel.csv'), 'utf8')).toMatch(/^[a-z_,]+\n$/);
  });

  test('a mistake in an option leaves nothing behind, not even the folder', async () => {
    const target = join(folder, 'mistake');
    const bad = await exportTo(target, '--from', '2024-13-01');
    expect([bad.status, bad.stderr.split('. ')[0]]).toEqual([
      2,
      'error: invalid value "2024-13-01" for --from: expected a date or time',
    ]);
    expect(existsSync(target)).toBe(false);
  });

  test.each([
    [
      ['x.csv'],
      'x.csv: expected a folder, or an .xlsx file. Write a single report with `wattduck report NAME -o FILE`.',
    ],
    [['x.xlsx', '--format', 'csv'], 'x.xlsx cannot be written as csv. Use a folder, or omit --format.'],
    [['x', '--format', 'cvs'], 'invalid value "cvs" for --format. Did you mean csv?'],
    [['x', '--period', 'last-moth'], /^invalid value "last-moth" for --period.* Did you mean last-month\?/],
    [['x', '--period', '2024', '--to', '2024-01-01'], '--period cannot be combined with --to. Omit one of them.'],
    [['x', '--format', 'html', '--csv-safe'], /^--csv-safe /],
    [['x', '--reports', 'nope'], /^report "nope" not found\. Did you mean /],
    [
      ['x', '--reports', 'live-status'],
      'report live-status cannot be exported without --charge-point-id. Write it with `wattduck report live-status --charge-point-id … -o FILE`.',
    ],
    [['x', '--reports', 'charging-events', '--period', '2024'], /cannot be exported without --site-id/],
  ])('%j is an error before anything is written', async (args, message) => {
    const { status, stderr } = await wattduck(['export', ...args, '--db', db], { cwd: folder });
    expect(status).toBe(2);
    expect(stderr.replace(/^error: /, '').trim()).toMatch(
      message instanceof RegExp ? message : new RegExp(`^${message.replaceAll(/[.`?]/g, '\\$&')}$`),
    );
    expect(existsSync('x')).toBe(false);
  });

  test('Parquet is read back with the same rows', async () => {
    const target = join(folder, 'parquet');
    expect((await exportTo(target, '--format', 'parquet', '--reports', 'user-usage')).status).toBe(0);
    expect(readdirSync(target)).toEqual(['user-usage.parquet']);
    const { openEngine } = await import('../support/duckdb.ts');
    const { duckdb } = await openEngine();
    const users = new Set(sessions.map((line) => line.split(',')[2]).filter(Boolean)).size;
    const rows = await duckdb.rows(`select user_id from '${target}/user-usage.parquet' where user_id is not null`);
    expect(rows).toHaveLength(users);
  });
});

describe('a workbook', () => {
  const read = (path: string): XLSX.WorkBook => XLSX.read(readFileSync(path));
  const values = (book: XLSX.WorkBook, name: string): unknown[][] =>
    XLSX.utils.sheet_to_json(book.Sheets[name]!, { header: 1, raw: true });

  test('has a sheet per report, and its notes on the last one', async () => {
    const path = join(folder, 'january.xlsx');
    const { status, stderr } = await exportTo(path, '--period', '2024-01', '--reports', 'user-usage,energy-trends');
    expect([status, stderr.trim().split('\n').at(-1)]).toEqual([0, `${path}: 2 sheets written`]);
    const book = read(path);
    expect(book.SheetNames).toEqual(['User usage', 'Energy trends', 'Notes']);
    const users = new Set(sessions.flatMap((line) => (line.includes(',2024-01-') && line.split(',')[2]) || [])).size;
    expect(values(book, 'User usage').filter(([user]) => typeof user === 'string')).toHaveLength(users + 1);
    const notes = values(book, 'Notes').map(([text]) => text);
    expect(notes.filter((text) => text === 'User usage' || text === 'Energy trends')).toHaveLength(2);
    expect(notes.filter((text) => String(text).startsWith('2024-01-01 to 2024-01-31'))).toHaveLength(2);
    // The line below the title names the period, so its note is not repeated.
    expect(notes.join('\n')).not.toContain('Period:');
  });

  test('names of sheets are unique and short enough for Excel, and a failed report is in the notes', async () => {
    const title = 'Everything about the stations of the north';
    const twins = join(scratch(), 'twins');
    mkdirSync(join(twins, 'reports/mine'), { recursive: true });
    const text = readFileSync(join(custom, 'reports/mine/stations.sql'), 'utf8');
    for (const name of ['first', 'second'])
      writeFileSync(join(twins, 'reports/mine', `${name}.sql`), text.replace('title: stations', `title: ${title}`));
    const path = join(folder, 'twins.xlsx');
    const { status, stderr } = await exportTo(
      path,
      '--reports',
      'first,second,broken',
      '--sql-dir',
      twins,
      '--sql-dir',
      custom,
    );
    expect(status).toBe(1);
    expect(stderr).toContain('2 sheets written, 1 failed');
    const book = read(path);
    expect(book.SheetNames).toEqual(['Everything about the stations o', 'Everything about the statio (2)', 'Notes']);
    expect(values(book, 'Notes').flat().join('\n')).toMatch(/^error: broken: /m);
  });

  test('a failure keeps the old file', async () => {
    const path = join(folder, 'old.xlsx');
    writeFileSync(path, 'old');
    expect((await exportTo(path, '--reports', 'broken', '--sql-dir', custom)).status).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
});

describe('the reports of a page', () => {
  test('are written once each, with the parameters of the page', async () => {
    const target = join(folder, 'page');
    const { status, stderr } = await exportTo(target, '--page', 'network', '--period', '2024-01');
    expect(status).toBe(0);
    const files = readdirSync(target);
    expect(files).toContain('energy-by-project.csv');
    // Tiles of events have no data.
    expect(stderr).toMatch(/^uptime-total +left out: no charge point events imported/m);
    const single = join(folder, 'single-trends.csv');
    await wattduck(['report', 'energy-trends', '--period', '2024-01', '--db', db, '-o', single], { now });
    expect(readFileSync(join(target, 'energy-trends.csv'), 'utf8')).toBe(readFileSync(single, 'utf8'));
  });

  test('of one charge point are limited to it', async () => {
    const station = sessions[0]!.split(',')[1]!;
    const target = join(folder, 'station.xlsx');
    expect((await exportTo(target, '--page', `station/${station}`)).status).toBe(0);
    const book = XLSX.read(readFileSync(target));
    const ids = sessions.filter((line) => line.split(',')[1] === station).map((line) => line.split(',')[0]!);
    const cells = Object.values(book.Sheets)
      .flatMap((sheet) => XLSX.utils.sheet_to_json<unknown[]>(sheet, { header: 1 }))
      .flat();
    expect(cells.filter((cell) => /^s\d\d$/.test(String(cell))).toSorted()).toEqual(ids.toSorted());
  });

  test.each([
    [['--page', 'station'], 'page station is about one ID. Use --page station/ID.'],
    [['--page', 'network/x'], 'page network is about the whole network. Use --page network.'],
    [['--page', 'networ'], 'page "networ" not found. Did you mean network?'],
    [['--page', 'network', '--reports', 'issues'], '--reports cannot be combined with --page'],
  ])('%j is an error', async (args, message) => {
    const { status, stderr } = await exportTo(join(folder, 'never'), ...args);
    expect([status, existsSync(join(folder, 'never'))]).toEqual([status === 1 ? 1 : 2, false]);
    expect(stderr).toContain(message);
  });
});
