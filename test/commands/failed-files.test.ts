import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';

const folder = scratch();
const at = (name: string): string => join(folder, name);
let databases = 0;
const ingest = (args: string[]): Promise<CliResult> =>
  wattduck(['ingest', ...args, '--db', at(`${(databases += 1)}.duckdb`)]);

const header = 'session_id,station_id,start_time\n';
function file(name: string, text: string | Buffer): string {
  writeFileSync(at(name), text);
  return at(name);
}
const good = file('good.csv', `${header}a,S,2024-01-01\n`);
const more = file('more.csv', `${header}b,S,2024-01-01\n`);

test('an unexpected error of DuckDB in one file does not stop the others', async () => {
  mkdirSync(at('sql/sources'), { recursive: true });
  writeFileSync(
    at('sql/sources/meters.sql'),
    `/*---\ntitle: Meters\ndescription: Meters of a test.\nkey: [meter_id]\nversion: read_at\ndetect_by: [meter_id]\ncolumns:\n  meter_id: { description: Meter }\n  read_at: { description: Time, default: timestamp '1970-01-01' }\nchecks:\n  - { when: "meter_id::integer < 0", column: meter_id, reason: is negative }\n---*/\ncreate table meters (meter_id varchar not null, read_at timestamp not null, primary key (meter_id))\n`,
  );
  const meters = file('meters.csv', 'meter_id\nx1\n');
  const { status, stdout, stderr } = await ingest([good, meters, more, '--sql-dir', at('sql')]);
  expect([status, stdout.match(/= 1 new/g)?.length]).toEqual([1, 2]);
  expect(stderr).toMatch(
    /^error: \S+meters\.csv: unexpected: Conversion Error: .*\. Use --debug for a stack trace\.$/m,
  );
  expect(stderr).toMatch(/3 files: 2 rows read = 2 new .*; 1 failed\nerror: 1 of 3 files were not imported\n$/);
  expect(stderr).not.toMatch(/^ +at /m);
});

test('a folder with a name that is not UTF-8', async () => {
  mkdirSync(at('mixed'));
  writeFileSync(at('mixed/good.csv'), `${header}a,S,2024-01-01\n`);
  writeFileSync(Buffer.concat([Buffer.from(at('mixed/b')), Buffer.from([0xff]), Buffer.from('.csv')]), header);
  for (const args of [[at('mixed')], [at('mixed/*.csv')]]) {
    const { status, stdout, stderr } = await ingest(args);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/good\.csv: 1 row read = 1 new/)]);
    expect(stderr).toMatch(/^error: \S+mixed\/b\uFFFD\.csv: not found, or its name is not valid UTF-8\./);
    expect(stderr).toMatch(/2 files: 1 row read = 1 new .*; 1 failed\nerror: 1 of 2 files were not imported\n$/);
  }
  expect((await ingest([at('mixed/g*.csv')])).status).toBe(0);
});

test('a pattern or a folder without files beside a good one', async () => {
  mkdirSync(at('empty'));
  const { status, stdout, stderr } = await ingest([at('none-*.csv'), at('empty'), good]);
  expect([status, stdout]).toEqual([1, expect.stringMatching(/good\.csv: 1 row read = 1 new/)]);
  expect(stderr).toMatch(/^error: no files match .*\nerror: \S+empty: no CSV.*\n3 files: .*; 2 failed\nerror: 2 of 3 /);
});

test.skipIf(process.getuid?.() === 0)('a file and a folder that cannot be read', async () => {
  mkdirSync(at('rights/closed'), { recursive: true });
  writeFileSync(at('rights/secret.csv'), header);
  writeFileSync(at('rights/good.csv'), `${header}a,S,2024-01-01\n`);
  chmodSync(at('rights/closed'), 0);
  chmodSync(at('rights/secret.csv'), 0);
  const { status, stdout, stderr } = await ingest([at('rights')]);
  chmodSync(at('rights/closed'), 0o700);
  expect([status, stdout]).toEqual([4, expect.stringMatching(/good\.csv: 1 row read = 1 new/)]);
  expect(stderr).toMatch(/; 2 failed\nerror: 2 of 3 files were not imported\n$/);
});

test('a dry run shows the other files too', async () => {
  const { status, stdout, stderr } = await ingest([file('odd.csv', 'a,b\n1,2\n'), good, '--dry-run']);
  expect(status).toBe(1);
  expect(stdout).toMatch(/good\.csv: dry run of 1 row: 1 valid/);
  expect(stderr).toMatch(/^error: \S+odd\.csv: .*\nerror: 1 of 2 files were not imported\n$/s);
});
