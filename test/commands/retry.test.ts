import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const folder = scratch();
let made = 0;
const fresh = (): string => join(folder, `db-${(made += 1)}.duckdb`);
const write = (content: string, ending = 'csv'): string => {
  const path = join(folder, `file-${(made += 1)}.${ending}`);
  writeFileSync(path, content);
  return path;
};
const on = (db: string, ...args: string[]) => wattduck([...args, '--db', db]);
const select = async (db: string, sql: string): Promise<string[]> =>
  (await on(db, 'sql', sql, '--format', 'csv')).stdout.trim().split('\n').slice(1);
const exported = async (db: string): Promise<Record<string, string>[]> =>
  parse((await on(db, 'quarantine', 'export')).stdout, { columns: true });

/** Lines 2 and 4 are invalid, and the record on line 2 spans two lines. */
const csv = 'session_id;station_id;start_time;location\na;S;soon;"x ""y""\nz"\nb;S;2024-01-02;\nc;S;later;w\n';

test('rows corrected in an export are imported; the others stay, with their own lines', async () => {
  const [db, path] = [fresh(), write(csv.replace('b;S;2024-01-02;', 'b;S;2024-01-02;"q"'))];
  await on(db, 'ingest', path);
  const rows = await exported(db);
  expect(rows.map(({ line, raw }) => [line, raw])).toEqual([
    ['2', 'a;S;soon;"x ""y""\nz"'],
    ['5', 'c;S;later;w'],
  ]);
  const corrected = write(
    stringify(
      rows.map((row) => ({ ...row, raw: row['raw']!.replace('soon', '2024-01-01') })),
      { header: true },
    ),
  );
  const { status, stdout, stderr } = await on(db, 'quarantine', 'retry', corrected);
  expect([status, stdout]).toEqual([
    0,
    expect.stringMatching(
      `^${path}: 2 rows read = 1 new \\+ 0 updated \\+ 0 unchanged \\+ 0 superseded \\+ 1 rejected `,
    ),
  ]);
  expect(stderr).toContain('1 row rejected: start_time "later" is not a valid timestamp (first on line 5)\n');
  expect(
    await select(db, "select session_id, replace(location, chr(10), '|') from charging_sessions order by 1"),
  ).toEqual(['a,"x ""y""|z"', 'b,q']);
  expect((await exported(db)).map(({ quarantine_id: id, line }) => [id, line])).toEqual([['3', '5']]);

  const again = await on(db, 'quarantine', 'retry', corrected);
  expect(again).toMatchObject({
    status: 1,
    stderr: 'error: no rejected rows match. Run `wattduck quarantine list` to see the rejected rows.\n',
  });
});

test('rows are retried with a date order or a corrected mapping', async () => {
  const db = fresh();
  await on(
    db,
    'ingest',
    write('session_id,station_id,start_time\na,S,2024-01-01\nb,S,01/02/2024\n'),
    '--date-order',
    'dmy',
  );
  expect(await select(db, 'select start_time::date from charging_sessions order by 1')).toEqual([
    '2024-01-01',
    '2024-02-01',
  ]);

  const mapped = fresh();
  const head = '/*---\ntitle: Mine\ndescription: Mine.\nsource: charging_sessions\ndetect_by: [nr, pole, begun]\n';
  const sql = '---*/\nselect nr as session_id, pole as station_id, begun as start_time from input\n';
  const mapping = write(head + sql, 'sql');
  await on(
    mapped,
    'ingest',
    write('nr,pole,begun\n1,S,2024-01-01\n2,S,13/01/2024\n3,S,01/14/2024\n'),
    '--mapping',
    mapping,
    '--date-order',
    'dmy',
  );
  expect(await select(mapped, 'select session_id from charging_sessions order by 1')).toEqual(['1', '2']);
  expect((await on(mapped, 'quarantine', 'retry', '--mapping', mapping, '--date-order', 'mdy')).stdout).toContain(
    '1 row read = 1 new',
  );
  expect(await select(mapped, 'select session_id, start_time::date from charging_sessions order by 1')).toEqual([
    '1,2024-01-01',
    '2,2024-01-13',
    '3,2024-01-14',
  ]);
  expect((await on(mapped, 'quarantine', 'list')).stderr).toBe('no rows: no row was rejected\n');
});

test('records of NDJSON are retried one by one, and only those of --file', async () => {
  const db = fresh();
  const [first, second] = [1, 2].map((at) =>
    write(
      `{"session_id":"g${at}","station_id":"S","start_time":"2024-01-01"}\n{"session_id":"n${at}","station_id":"S","start_time":"nope"}\n`,
      'ndjson',
    ),
  );
  await on(db, 'ingest', first!, second!);
  const rows = (await exported(db)).map((row) => ({ ...row, raw: row['raw']!.replace('nope', '2024-02-02') }));
  const { stdout } = await on(db, 'quarantine', 'retry', write(stringify(rows, { header: true })), '--file', second!);
  expect(stdout).toMatch(`${second!}: 1 row read = 1 new`);
  expect(await select(db, 'select session_id from charging_sessions order by 1')).toEqual(['g1', 'g2', 'n2']);
  expect((await exported(db)).map(({ file }) => file)).toEqual([first]);
});

test('a file that is not an export is rejected', async () => {
  const db = fresh();
  const path = write(csv);
  await on(db, 'ingest', path);
  expect(await on(db, 'quarantine', 'retry', path)).toMatchObject({
    status: 2,
    stderr: `error: ${path}: not a quarantine export, expected the columns quarantine_id and raw. Create one with \`wattduck quarantine export -o rows.csv\`.\n`,
  });
});

test('rows are filtered by reason and line', async () => {
  const db = fresh();
  await on(db, 'ingest', write(csv));
  expect((await on(db, 'quarantine', 'show', '--line', '5', '--format', 'csv', '--columns', 'line,value')).stdout).toBe(
    'line,value\n5,later\n',
  );
  expect(
    (await on(db, 'quarantine', 'show', '--reason', 'no such', '--format', 'csv', '--columns', 'line')).stdout,
  ).toBe('line\n');
});
