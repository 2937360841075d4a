import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';

const folder = scratch();
const { duckdb, catalog } = await openEngine();
await openForWriting(duckdb, join(folder, 'x.duckdb'), catalog);
beforeEach(async () => {
  for (const table of ['charging_sessions', 'quarantine', 'charge_points']) await duckdb.run(`delete from ${table}`);
});
const read = (content: string | Buffer, ending = 'csv') => {
  const path = join(folder, `hostile.${ending}`);
  writeFileSync(path, content);
  return ingestSource(duckdb, catalog, '', path);
};
const header = 'session_id,station_id,start_time';
const record = { session_id: 'a', station_id: 'S', start_time: '2024-01-01' };
const keys = (count: number): object => Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, 1]));
const nested = (levels: number): string => `${'{"a":['.repeat(levels)}1${']}'.repeat(levels)}`;

describe('a file that cannot be a table is rejected', () => {
  test.each<[string, () => string | Buffer, string, string]>([
    [
      '100,000 columns',
      () => `${header},${Object.keys(keys(100_000)).join(',')}\na,S,2024-01-01${','.repeat(100_000)}\n`,
      'csv',
      '100,003 columns, the maximum is 10,000',
    ],
    [
      'a header of 100,000 names without letters',
      () => `${','.repeat(99_999)}\n`,
      'csv',
      '100,000 columns, the maximum is 10,000',
    ],
    [
      'a header over 1 MB',
      () => `${header},${Object.keys(keys(200_000)).join(',')}\na,S,2024-01-01\n`,
      'csv',
      '200,003 columns, the maximum is 10,000',
    ],
    [
      '10,001 columns',
      () => `${header},${Object.keys(keys(9_998)).join(',')}\n`,
      'csv',
      '10,001 columns, the maximum is 10,000',
    ],
    [
      '100,000 keys of an object',
      () => `${JSON.stringify({ ...record, ...keys(100_000) })}\n`,
      'ndjson',
      '100,003 columns, the maximum is 10,000',
    ],
    [
      '100,000 keys of an object in a list',
      () => JSON.stringify([{ ...record, ...keys(100_000) }], null, 1),
      'json',
      '100,003 columns, the maximum is 10,000',
    ],
    ['a line of 17 MB', () => 'x'.repeat(17_000_000), 'csv', 'no line of UTF-8 text up to 16 MB found'],
    ['1 MB of quotes', () => '"'.repeat(1_000_001), 'csv', 'invalid header: Quote Not Closed'],
    [
      'a header whose quote is never closed',
      () => `"${header}\n${'a,S,2024-01-01\n'.repeat(60_000)}`,
      'csv',
      'invalid header: Quote Not Closed',
    ],
    [
      '10 MB of quotes, each on a line',
      () => `${header}\n${'"\n'.repeat(5_000_000)}`,
      'csv',
      'none of the first 1,999 lines has the 3 columns of the header',
    ],
    [
      '2 MB of lines with one field',
      () => `${header}\n${'a\n'.repeat(1_000_000)}`,
      'csv',
      'none of the first 1,999 lines has the',
    ],
    ['binary data', () => Buffer.from(Array.from({ length: 4_096 }, (_, at) => (at * 7) % 11)), 'csv', 'binary file'],
    [
      'an array 1,000,000 deep',
      () => `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`,
      'json',
      'layout not recognized',
    ],
    ['a truncated array 1,000,000 levels deep', () => '['.repeat(1_000_000), 'json', 'broken JSON'],
  ])('%s', async (_, content, ending, message) => {
    await expect(read(content(), ending)).rejects.toThrow(`hostile.${ending}: ${message}`);
  });
});

describe('unclosed quotes cost only their lines', () => {
  test.each<[string, () => string, number, number]>([
    ['1 MB of them in one line', () => `${header}\n${'"'.repeat(1_000_001)}\nb,S,2024-01-02\n`, 2, 1],
    ['10 MB of them in one line', () => `${header}\n${'"'.repeat(10_000_001)}\nb,S,2024-01-02\n`, 2, 1],
    [
      'one at the end of each of 50,000 lines',
      () => `${header}\n${'a,S,"x\n'.repeat(50_001)}b,S,2024-01-02\n`,
      50_002,
      50_001,
    ],
    ['300,000 fields that begin with one', () => `${header}\n${'"a,'.repeat(300_000)}\nb,S,2024-01-02\n`, 2, 1],
  ])('%s', async (_, content, rows, bad) => {
    expect(await read(content())).toMatchObject({ read: rows, added: rows - bad, quarantined: bad });
    expect(await duckdb.rows('select session_id from charging_sessions')).toEqual([{ session_id: 'b' }]);
  });
});

test('10,000 columns work like three', async () => {
  expect(
    await read(`${header},${Object.keys(keys(9_997)).join(',')}\na,S,2024-01-01${','.repeat(9_997)}\n`),
  ).toMatchObject({ read: 1, added: 1 });
});

test('250,000 short rows are rejected', async () => {
  // More than two row groups of DuckDB, which loses such an insert into a table created in the same transaction.
  expect(await read(`${header}\nb,S,2024-01-02\n${'a,S\n'.repeat(250_000)}`)).toMatchObject({
    read: 250_001,
    added: 1,
    quarantined: 250_000,
  });
});

test.each([
  ['csv', `${header}\na,S,${'x'.repeat(40_000_000)}\nb,S,2024-01-02\n`],
  ['csv.gz', gzipSync(`${header}\n${'\0'.repeat(100_000_000)}`)],
])('a line over 32 MB is not lost silently: %s', async (ending, content) => {
  await expect(read(content, ending)).rejects.toThrow(
    `hostile.${ending}: a line is longer than 32 MB; nothing was imported`,
  );
  expect(await duckdb.countRows('from charging_sessions')).toBe(0);
});

test.each([17_000_000, 25_000_000, 33_000_000])('a row of %i bytes goes to quarantine, and says so', async (bytes) => {
  expect(await read(`${header}\na,S,${'x'.repeat(bytes)}\nb,S,2024-01-02\n`)).toMatchObject({
    read: 2,
    added: 1,
    rejected: [{ reason: 'is longer than 16 MB' }],
  });
});

test('a first line of 4 MB is not skipped', async () => {
  const long = 'x'.repeat(4_000_000);
  expect(await read(`${header},${long}\n${'b,S,2024-01-02,\n'.repeat(100_000)}`)).toMatchObject({
    read: 100_000,
    ignored: [long],
  });
});

test('a NUL is kept in a value, but an ID with one is rejected', async () => {
  await read(`${header},location\na\0b,S,2024-01-01,\nc,S,2024-01-01,x\0y\n`);
  expect(await duckdb.rows('select session_id, location from charging_sessions')).toEqual([
    { session_id: 'c', location: 'x\0y' },
  ]);
});

describe('values nested a million levels deep', () => {
  test.each(['ndjson', 'json'])('in %s are texts, and end no process', async (ending) => {
    const line = (id: string): string =>
      `{"session_id":"${id}","station_id":"S","start_time":"2024-01-01","location":${nested(500_000)}}`;
    const good = '{"session_id":"b","station_id":"S","start_time":"2024-01-01"}';
    expect(
      await read(ending === 'ndjson' ? `${line('a')}\n${good}\n` : `[${line('a')},\n${good}]`, ending),
    ).toMatchObject({ read: 2, added: 2 });
    expect(await duckdb.rows("select length(location) as n from charging_sessions where session_id = 'a'")).toEqual([
      { n: nested(500_000).length },
    ]);
  });

  test('in a bad row are kept in the quarantine', async () => {
    expect(
      await read(`{"session_id":"a","station_id":"S","start_time":"soon","location":${nested(500_000)}}\n`, 'ndjson'),
    ).toMatchObject({ read: 1, quarantined: 1 });
  });

  test('do not stop records from being unnested', async () => {
    const location = (id: string, more: string): string =>
      `{"country_code":"DE","party_id":"ABC","id":"${id}","publish":true,"address":"x","city":"y","country":"DEU","coordinates":{"latitude":"1.0","longitude":"2.0"},"time_zone":"Europe/Berlin","last_updated":"2024-01-01T00:00:00Z","evses":[{"uid":"${id}-1","evse_id":"e${id}","status":"AVAILABLE","last_updated":"2024-01-01T00:00:00Z","connectors":[{"id":"1","standard":"IEC_62196_T2","format":"SOCKET","power_type":"AC_3_PHASE","max_voltage":220,"max_amperage":16,"last_updated":"2024-01-01T00:00:00Z"}]${more}}]${more}}`;
    const path = join(folder, 'locations.json');
    writeFileSync(path, `[${location('a', '')},${location('b', `,"deep":${nested(500_000)}`)}]`);
    const account = await ingestSource(duckdb, catalog, '', path, { mapping: 'ocpi_location_charge_points' });
    expect(account).toMatchObject({ read: 2, quarantined: 0 });
  });
});
