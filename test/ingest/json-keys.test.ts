import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { IngestResult } from '../../src/ingest/result.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { runs } from '../support/runs.ts';

const { duckdb, folder, content: take, empty } = await engineDatabase();

beforeEach(async () => {
  await empty('charging_sessions');
  await empty('customer_events');
});

const counts = ({ read, added, updated, unchanged, quarantined }: IngestResult): string =>
  `${read} = ${added} + ${updated} + ${unchanged} + ${quarantined}`;
const values = async (sql: string): Promise<string[]> =>
  (await duckdb.rows(sql)).map((row) => Object.values(row).map(String).join(' '));

const session = (id: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ session_id: id, station_id: 'S', start_time: '2024-03-05T10:00:00Z', ...more });
/** More rows than the sample has lines. */
const many = Array.from({ length: 2_100 }, (_, at) => session(`s${at}`));

describe('a key that first appears after the sampled lines', () => {
  const late = session('last', { cost: 9.99, Currency: 'EUR', Stop_Time: '2024-03-05T11:00:00Z', colour: 'red' });
  const lines = [...many, late, ''].join('\n');
  const last = "select amount_paid, currency, end_time from charging_sessions where session_id = 'last'";

  test.each<[string, string | Buffer]>([
    ['late.ndjson', lines],
    ['late.ndjson.gz', gzipSync(lines)],
    ['late.json', `[${[...many, late].join(',\n')}]`],
    ['envelope.json', `{"data": [${[...many, late].join(',\n')}]}`],
  ])('%s: an alias or a name in another case is imported, another key is named as ignored', async (name, text) => {
    const result = await take(name, text);
    expect(counts(result)).toBe('2101 = 2101 + 0 + 0 + 0');
    expect(result.ignored).toEqual(['colour']);
    expect(await values(last)).toEqual(['9.99 EUR 2024-03-05 11:00:00']);
  });

  test('also in a table that has rows, beside a broken line and a bad value', async () => {
    await take('first.ndjson', session('first'));
    const result = await take('late.ndjson', `${lines}{"session_id":\n${session('bad', { kwh: 'much' })}\n`);
    expect(counts(result)).toBe('2103 = 2101 + 0 + 0 + 2');
    expect(await values(last)).toEqual(['9.99 EUR 2024-03-05 11:00:00']);
    expect(await values('select line, reason from quarantine order by line')).toEqual([
      '2102 not a JSON object',
      '2103 not a valid number',
    ]);
  });

  test('also for a file that a mapping reads', async () => {
    const mapping = join(folder, 'rides.sql');
    writeFileSync(
      mapping,
      `/*---\ntitle: Rides\ndescription: Rides of a test.\nsource: charging_sessions\ndetect_by: [ride, began]\n---*/\nselect ride as session_id, 'S' as station_id, began as start_time, wh as energy_kwh from input\n`,
    );
    const ride = (id: number, more = ''): string => `{"ride":"r${id}","began":"2024-03-05 10:00:00"${more}}`;
    const rides = Array.from({ length: 2_100 }, (_, at) => ride(at));
    const result = await take('rides.ndjson', [...rides, ride(9_999, ',"WH":7,"extra":1')].join('\n'), { mapping });
    expect(counts(result)).toBe('2101 = 2101 + 0 + 0 + 0');
    expect(result.ignored).toEqual(['extra']);
    expect(await values("select energy_kwh from charging_sessions where session_id = 'r9999'")).toEqual(['7']);
  });

  test('a further alias of a column that has one', async () => {
    const lined = many.map((line) => line.replace('}', ',"kwh":1}'));
    await take('further.ndjson', [...lined, session('last', { Energy_Consumed: 5 })].join('\n'));
    expect(await values('select sum(energy_kwh) from charging_sessions')).toEqual(['2105']);
  });

  test('keys that no file should have', async () => {
    const odd = { '': 1, 'a\u0000b': 2, "it's": 3, '"': 4, '\\': 5, wattduck: 6, marker: 7, c0: 8, 'a/b~c': 9 };
    const result = await take('odd.ndjson', [...many, session('odd', odd)].join('\n'));
    expect(counts(result)).toBe('2101 = 2101 + 0 + 0 + 0');
    expect(result.ignored.toSorted()).toEqual(Object.keys(odd).toSorted());
  });
});

describe('keys that differ only in case', () => {
  test('in different rows: each row is read', async () => {
    const other = '{"Session_ID":"b","STATION_ID":"S","start_time":"2024-03-05T10:00:00Z"}';
    expect(counts(await take('rows.ndjson', `${session('a')}\n${other}\n`))).toBe('2 = 2 + 0 + 0 + 0');
    expect(await values('select session_id from charging_sessions order by 1')).toEqual(['a', 'b']);
  });

  test('in one row: one value is read, two values reject the row', async () => {
    const event = (id: string, other: string): string =>
      `{"event_id":"${id}","event_type":"view","EVENT_TYPE":"${other}","event_timestamp":"2024-03-05T10:00:00Z","customer_id":"c"}`;
    const text = `[${event('same', 'view')},${event('differs', 'purchase')}]`;
    expect(counts(await take('row.json', text, { source: 'customer_events' }))).toBe('2 = 1 + 0 + 0 + 1');
    expect(await values('select line, column_name, reason from quarantine')).toEqual([
      '2 event_type differs between the keys event_type and EVENT_TYPE',
    ]);
  });

  test('in one row of a table that has rows, and first late in the file', async () => {
    await take('first.ndjson', session('first'));
    const last = session('last', { STATION_ID: 'T' });
    expect(counts(await take('late-case.ndjson', [...many, last].join('\n')))).toBe('2101 = 2100 + 0 + 0 + 1');
    expect(await values('select line, reason from quarantine')).toEqual([
      '2101 differs between the keys station_id and STATION_ID',
    ]);
  });

  test('letters beyond ASCII', async () => {
    const text = `${session('a', { é: 1 })}\n${session('b', { É: 2 })}\n${session('c', { ß: 1, ẞ: 2 })}\n`;
    expect(counts(await take('letters.ndjson', text))).toBe('3 = 3 + 0 + 0 + 0');
  });
});

describe('a key that one object repeats', () => {
  const repeated = (id: string, first: unknown, second: unknown, key = 'kwh'): string =>
    `${session(id).slice(0, -1)},"${key}":${JSON.stringify(first)},"${key}":${JSON.stringify(second)}}`;

  test('with two values: the row is rejected with its line', async () => {
    const text = `${session('a')}\n${repeated('b', 1, 2)}\n${session('c')}\n`;
    expect(counts(await take('twice.ndjson', text))).toBe('3 = 2 + 0 + 0 + 1');
    expect(await values('select line, reason from quarantine')).toEqual(['2 has two values for the key kwh']);
  });

  test('with one value, or a key that is not read: the row is imported', async () => {
    const text = `${repeated('a', 1, 1)}\n${repeated('b', 1, 2, 'colour')}\n${repeated('c', { x: 1 }, { x: 1 })}\n`;
    expect(counts(await take('once.ndjson', text))).toBe('3 = 2 + 0 + 0 + 1');
    expect(await values('select line, reason from quarantine')).toEqual(['3 not a valid number']);
  });

  test('spelt with an escape, and in an array', async () => {
    const text = `[${session('a')},${repeated('b', 1, 2).replace('"kwh"', String.raw`"\u006bwh"`)}]`;
    expect(counts(await take('escape.json', text))).toBe('2 = 1 + 0 + 0 + 1');
  });
});

test('property: the keys of a row count wherever it is, in any spelling', async () => {
  const spelling = fc.constantFrom('kwh', 'KWH', 'energy_kwh', 'Energy_kWh', 'Energy_Consumed', 'colour');
  const row = fc.record({ key: spelling, value: fc.integer({ min: 1, max: 99 }), isLate: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
      await empty('charging_sessions');
      const line = ({ key, value }: (typeof rows)[number], at: number): string => session(`r${at}`, { [key]: value });
      const early = rows.filter(({ isLate }) => !isLate).map(line);
      const late = rows.filter(({ isLate }) => isLate).map((each, at) => line(each, early.length + at));
      const result = await take('spelt.ndjson', [...early, ...many, ...late].join('\n'));
      const expected = rows.filter(({ key }) => key !== 'colour').reduce((sum, { value }) => sum + value, 0);
      expect(await values('select coalesce(sum(energy_kwh), 0) from charging_sessions')).toEqual([String(expected)]);
      expect(result.ignored).toEqual(rows.some(({ key }) => key === 'colour') ? ['colour'] : []);
      expect(result.added).toBe(rows.length + many.length);
    }),
    { numRuns: runs(15) },
  );
});
