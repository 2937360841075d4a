import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck, type RunOptions } from '../support/cli.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
const file = (name: string, content: string | Buffer): string => {
  writeFileSync(at(name), content);
  return at(name);
};
let databases = 0;
const fresh = (): string => at(`db-${(databases += 1)}.duckdb`);
const ingest = (paths: string[], options: RunOptions = {}, db = fresh()) =>
  wattduck(['ingest', ...paths, '--db', db], options);
const rows = async (db: string, list = 'session_id'): Promise<string> =>
  (await wattduck(['sql', `select ${list} from charging_sessions order by session_id`, '--db', db, '--format', 'csv']))
    .stdout;

const csv = 'session_id,station_id,start_time\na,S,2024-01-01 00:00:00\nb,S,2024-01-02 00:00:00\n';
const ndjson =
  '{"session_id":"a","station_id":"S","start_time":"2024-01-01"}\n{"session_id":"b","station_id":"S","start_time":"2024-01-02"}\n';

describe('the same two rows', () => {
  test.each<[string, string | Buffer]>([
    ['plain.csv', csv],
    ['windows.csv', `\uFEFF${csv.replaceAll('\n', '\r\n')}`],
    ['old-mac.csv', csv.replaceAll('\n', '\r')],
    ['semicolon.csv', csv.replaceAll(',', ';')],
    ['utf-16.csv', Buffer.from(`\uFEFF${csv}`, 'utf16le')],
    ['packed.csv.gz', gzipSync(csv)],
    ['packed-without-ending.csv', gzipSync(csv)],
    ['lines.ndjson', ndjson],
    ['bom.ndjson', `\uFEFF${ndjson}`],
    ['packed.ndjson.gz', gzipSync(ndjson)],
    ['array.json', `[\n${ndjson.trim().split('\n').join(',\n')}\n]`],
    [
      'pretty.json',
      ndjson
        .trim()
        .split('\n')
        .map((line) => JSON.stringify(JSON.parse(line), null, 2))
        .join('\n'),
    ],
    ['other-names.csv', csv.replace('session_id,station_id,start_time', 'Session ID,Charge-Point ID,STARTED AT')],
  ])('are imported from %s', async (name, content) => {
    const db = fresh();
    const { status, stdout } = await ingest([file(name, content)], {}, db);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /: 2 rows read = 2 new \+ 0 updated \+ 0 unchanged \+ 0 superseded \+ 0 rejected \(charging_sessions, \d+\.\d s\)\n$/,
      ),
    ]);
    expect(await rows(db, 'session_id, start_time')).toBe(
      'session_id,start_time\na,2024-01-01 00:00:00\nb,2024-01-02 00:00:00\n',
    );
  });

  test('are imported from standard input, compressed or not', async () => {
    for (const stdin of [csv, gzipSync(ndjson)]) {
      const { status, stdout } = await ingest(['-'], { stdin });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^standard input: 2 rows read = 2 new /)]);
    }
  });
});

describe('a file that cannot be imported', () => {
  mkdirSync(at('folder'));
  const duck = at('some.duckdb');
  test.each<[string, () => string, number, string]>([
    ['missing', () => at('none.csv'), 1, 'file or folder not found. Check the path.'],
    [
      'an empty folder',
      () => at('folder'),
      1,
      ': no CSV, NDJSON, JSON or Parquet files found. Name the files themselves if they have other extensions, or accept an empty folder with --allow-empty.',
    ],
    ['empty', () => file('empty.csv', ''), 1, ': empty file, expected at least a header. Check the export.'],
    ['blank', () => file('blank.csv', '\n\n \n'), 1, ': only blank lines. Check the export.'],
    [
      'binary',
      () => file('binary.csv', Buffer.from(Array.from({ length: 900 }, (_, byte) => byte % 256))),
      1,
      ': binary file. Expected CSV, NDJSON or JSON (plain, gzip or zstd), or Parquet.',
    ],
    [
      'a spreadsheet',
      () => file('sheet.xlsx', Buffer.from('PK\u0003\u0004 and so on')),
      1,
      ': is a zip archive or a spreadsheet. Save the sheet as CSV, or extract the archive.',
    ],
    [
      'broken Parquet',
      () => file('rows.parquet', 'PAR1 and so on'),
      1,
      'rows.parquet: broken Parquet file: No magic bytes found at end of file ',
    ],
    ['a database', () => duck, 1, ': is a DuckDB database. Use --db to run reports on it.'],
    ['half an array', () => file('half.json', `[${ndjson.trim().split('\n')[0]},`), 1, ': broken JSON: '],
    [
      'of another kind',
      () => file('weather.csv', 'day,rain\n2024-01-01,3\n'),
      1,
      ': layout not recognized. Header: day, rain. Run `wattduck map ',
    ],
  ])('%s gives one clear line', async (_, make, expected, line) => {
    if (!existsSync(duck)) await ingest(['test/reports/data/dozen/dozen.csv'], {}, duck);
    const { status, stdout, stderr } = await ingest([make()]);
    expect([status, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
    expect(stderr).toContain(line);
  });

  test('a header without rows is valid', async () => {
    const { status, stdout } = await ingest([file('header.csv', csv.split('\n')[0]!)]);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/: 0 rows read = 0 new \+ 0 updated \+ 0 unchanged \+ 0 superseded \+ 0 rejected/),
    ]);
  });

  test('an unknown source gives a suggestion', async () => {
    const { status, stderr } = await ingest([file('plain.csv', csv), '--source', 'charging_session']);
    expect([status, stderr]).toEqual([
      2,
      'error: source "charging_session" not found. Did you mean charging_sessions?\n',
    ]);
  });

  test('is named, and the other files are imported', async () => {
    const db = fresh();
    const { status, stdout, stderr } = await ingest([at('none.csv'), file('plain.csv', csv)], {}, db);
    expect(status).toBe(1);
    expect(stdout).toMatch(/plain\.csv: 2 rows read = 2 new/);
    expect(stderr.split('\n')).toEqual([
      `error: ${at('none.csv')}: file or folder not found. Check the path.`,
      '2 files: 2 rows read = 2 new + 0 updated + 0 unchanged + 0 superseded + 0 rejected; 1 failed',
      'error: 1 of 2 files were not imported',
      '',
    ]);
    expect(await rows(db)).toBe('session_id\na\nb\n');
  });
});

describe('output', () => {
  test('names ignored columns and the first rejected row; --json has the full result', async () => {
    const path = file(
      'notes.csv',
      'session_id,station_id,start_time,weather\na,S,soon,fine\nb,S,2024-01-02 00:00:00,rain\n',
    );
    const { stdout, stderr } = await ingest([path, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      read: 2,
      added: 1,
      updated: 0,
      unchanged: 0,
      quarantined: 1,
      ignored: ['weather'],
    });
    expect(stderr.split('\n')).toEqual([
      `${path}: ignored columns: weather`,
      `warning: ${path}: 1 row rejected: start_time "soon" is not a valid timestamp (first on line 2)`,
      `${path}: run \`wattduck quarantine list\` to see the rejected row`,
      '',
    ]);
  });

  test('a spinner is shown on a terminal only; a pipe gets one line per file', async () => {
    const { stdout, stderr } = await ingest([file('plain.csv', csv)]);
    expect([stdout.split('\n').length, stderr]).toEqual([2, '']);
  });

  test('the ingest log adds up', async () => {
    const db = fresh();
    await ingest(['test/reports/data/dozen/dozen.csv', 'test/reports/data/dozen/faulty.csv'], {}, db);
    await ingest(['test/reports/data/dozen/dozen.csv', '--force'], {}, db);
    const { stdout } = await wattduck([
      'sql',
      'select file, rows_read, rows_new, rows_unchanged, rows_quarantined from ingests order by ingest_id',
      '--db',
      db,
      '--format',
      'csv',
    ]);
    expect(stdout).toBe(
      'file,rows_read,rows_new,rows_unchanged,rows_quarantined\ntest/reports/data/dozen/dozen.csv,12,12,0,0\ntest/reports/data/dozen/faulty.csv,3,0,0,3\ntest/reports/data/dozen/dozen.csv,12,0,12,0\n',
    );
  });
});

describe('fixtures', () => {
  test('match their generator', () => {
    expect(execaSync('node', ['fixtures/generate.mjs', '--check']).exitCode).toBe(0);
  });

  test('import as their README says, in any order', async () => {
    const files = ['sessions-2024.csv', 'sessions-2025.ndjson.gz', 'sessions-corrections.csv'].map(
      (name) => `fixtures/${name}`,
    );
    const page = readFileSync('fixtures/README.md', 'utf8');
    const db = fresh();
    const { stdout } = await ingest([...files, '--json'], {}, db);
    for (const line of stdout.trim().split('\n')) {
      const {
        file: path,
        read,
        added,
        updated,
        unchanged,
        quarantined,
      } = JSON.parse(line) as Record<string, number | string>;
      const cells = [read, added, updated, unchanged, quarantined].map((each) => each!.toLocaleString('en-US'));
      expect(page).toContain(`| \`${String(path).replace('fixtures/', '')}\` | ${cells.join(' | ')} |`);
    }
  });
});
