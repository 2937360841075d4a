import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openForWriting } from '../../src/warehouse/database.ts';
import { scratch } from '../support/cli.ts';
import { openEngine } from '../support/duckdb.ts';
import { ingestSource } from '../support/ingest.ts';

const folder = scratch();
const { duckdb, catalog } = await openEngine();
await openForWriting(duckdb, join(folder, 'values.duckdb'), catalog);

/** The stored value of a column, or the reason it was rejected. */
async function taken(column: string, value: string, expression = `"${column}"`): Promise<unknown> {
  const row = { session_id: 's', station_id: 'A', start_time: '2024-01-01 00:00:00', [column]: value };
  const path = join(folder, 'one.csv');
  const quoted = Object.values(row).map((each) => `"${each.replaceAll('"', '""')}"`);
  writeFileSync(path, `${Object.keys(row).join(',')}\n${quoted.join(',')}\n`);
  await duckdb.run('delete from charging_sessions');
  const { rejected } = await ingestSource(duckdb, catalog, 'db', path);
  if (rejected[0]) return `${rejected[0].column}: ${rejected[0].reason}`;
  return (await duckdb.row(`select ${expression} as v from charging_sessions`))['v'];
}

describe('times', () => {
  test.each([
    ['2024-01-26 10:00:00', '2024-01-26 10:00:00'],
    ['2024-01-26T10:00:00', '2024-01-26 10:00:00'],
    ['2024-01-26T10:00:00Z', '2024-01-26 10:00:00'],
    ['2024-01-26T10:00:00.123456Z', '2024-01-26 10:00:00.123456'],
    ['2024-01-26T10:00:00+02:00', '2024-01-26 08:00:00'],
    ['2024-01-26T10:00:00+0200', '2024-01-26 08:00:00'],
    ['2024-01-26 10:00:00-05', '2024-01-26 15:00:00'],
    // 19 characters like a plain date and time, but with an offset.
    ['2024-01-26 10:00+02', '2024-01-26 08:00:00'],
    ['2024-01-26', '2024-01-26 00:00:00'],
    ['  2024-01-26 10:00:00 ', '2024-01-26 10:00:00'],
  ])('%j is %s', async (text, expected) => {
    expect(await taken('start_time', text)).toBe(expected);
  });

  test.each(['infinity', 'epoch', 'now', 'today', '2024-02-30', '17:20', '1706263200x'])(
    '%j is rejected',
    async (text) => {
      expect(await taken('start_time', text)).toBe('start_time: not a valid timestamp');
    },
  );
});

describe('numbers', () => {
  test.each([
    ['15.5', 15.5],
    ['1e3', 1000],
    ['0', 0],
    ['1,5', 1.5],
    [' 7 ', 7],
    ['', null],
  ])('%j is %s', async (text, expected) => {
    expect(await taken('energy_consumed', text, 'energy_kwh')).toBe(expected);
  });

  test.each([
    ['17 kW', 'not a valid number'],
    ['nan', 'not a valid number'],
    ['inf', 'not a valid number'],
    ['1e400', 'not a valid number'],
    ['-0.1', 'is negative'],
  ])('%j is rejected', async (text, reason) => {
    expect(await taken('energy_consumed', text, 'energy_kwh')).toBe(`energy_kwh: ${reason}`);
  });

  test('money is exact', async () => {
    expect(await taken('amount_paid', '0.79296', 'amount_paid::varchar')).toBe('0.792960');
    expect(await taken('amount_paid', '123456789012.123456', 'amount_paid::varchar')).toBe('123456789012.123456');
    expect(await taken('amount_paid', '1234567890123')).toBe('amount_paid: not a valid number');
  });
});

describe('strings', () => {
  test.each(['007', '9007199254740993', 'a'.repeat(64), 'Ä–€', 'null'])('an id %j stays as it is', async (id) => {
    expect(await taken('user_id', id)).toBe(id);
  });

  test('a kind of current is AC or DC in any case', async () => {
    expect(await taken('charging_type', 'dc')).toBe('DC');
    expect(await taken('charging_type', 'Level 2')).toBe('charging_type: must be one of AC, DC');
  });

  test('raw data is JSON', async () => {
    expect(await taken('transaction_data', '{"a":[1]}', "transaction_data ->> '$.a[0]'")).toBe('1');
    expect(await taken('transaction_data', '{"a"')).toBe('transaction_data: not valid JSON');
  });
});
