import { DuckDBTimestampValue } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import type { Parameter } from '../../src/catalog/definitions.ts';
import type { WattduckError } from '../../src/errors/wattduck-error.ts';
import { bind } from '../../src/warehouse/binder.ts';
import { openEngine } from '../support/duckdb.ts';

const { duckdb } = await openEngine();

const parameter = (name: string, type: string, more: Partial<Parameter> = {}): Parameter => ({
  name,
  type,
  description: name,
  required: false,
  inSql: true,
  ...more,
});
const parameters = [
  parameter('from', 'TIMESTAMP', { role: 'period_start' }),
  parameter('to', 'TIMESTAMP', { role: 'period_end' }),
  parameter('tz', 'VARCHAR', { role: 'time_zone', default: 'UTC' }),
  parameter('as_of', 'TIMESTAMP', { role: 'now' }),
  parameter('n', 'BIGINT', { min: 1, max: 1000, default: '10' }),
  parameter('x', 'DOUBLE', { min: 0 }),
  parameter('kind', 'VARCHAR', { choices: ['day', 'week', 'month'] }),
  parameter('whole', 'BOOLEAN'),
  parameter('day', 'DATE'),
  parameter('money', 'DECIMAL(18,6)'),
];
const now = new Date('2026-01-01T12:00:00Z');
const values = async (given: Record<string, string>) =>
  (await bind(duckdb, parameters, given, { now, label: (name) => `--${name}` })).bindings.values;
const instant = async (name: string, given: Record<string, string>): Promise<string> => {
  const value = (await values(given))[name];
  return value instanceof DuckDBTimestampValue ? value.toString() : String(value);
};
const refusal = async (given: Record<string, string>): Promise<string> => {
  try {
    await values(given);
    return 'none';
  } catch (error) {
    return (error as WattduckError).fullMessage;
  }
};

describe('instants', () => {
  test.each([
    ['from', '2024-01-31', 'UTC', '2024-01-31 00:00:00'],
    ['from', '2024-01-31 23:59:59', 'UTC', '2024-01-31 23:59:59'],
    ['from', '2024-01-31T23:59', 'UTC', '2024-01-31 23:59:00'],
    ['from', '2024-01-31T10:00:00Z', 'Europe/Berlin', '2024-01-31 10:00:00'],
    ['from', '2024-01-31T10:00:00+02:00', 'Europe/Berlin', '2024-01-31 08:00:00'],
    ['from', '2024-01-31 10:00-0530', 'UTC', '2024-01-31 15:30:00'],
    ['from', '2024-01-31', 'Europe/Berlin', '2024-01-30 23:00:00'],
    ['from', '2024-07-31', 'Europe/Berlin', '2024-07-30 22:00:00'],
    ['to', '2024-01-31', 'UTC', '2024-01-31 23:59:59.999999'],
    ['to', '2024-01-31', 'Europe/Berlin', '2024-01-31 22:59:59.999999'],
    // A day of 23 hours: 30 March 23:00 UTC to 31 March 22:00 UTC; and one of 25.
    ['from', '2024-03-31', 'Europe/Berlin', '2024-03-30 23:00:00'],
    ['to', '2024-03-31', 'Europe/Berlin', '2024-03-31 21:59:59.999999'],
    ['from', '2024-10-27', 'Europe/Berlin', '2024-10-26 22:00:00'],
    ['to', '2024-10-27', 'Europe/Berlin', '2024-10-27 22:59:59.999999'],
    ['to', '2024-02-29', 'Asia/Kathmandu', '2024-02-29 18:14:59.999999'],
    ['to', '2024-01-31 23:59:59', 'UTC', '2024-01-31 23:59:59'],
  ])('%s %s in %s is %s UTC', async (name, text, tz, expected) => {
    expect(await instant(name, { [name]: text, tz })).toBe(expected);
  });

  test('now is the clock, or the given value', async () => {
    expect(await instant('as_of', {})).toBe('2026-01-01 12:00:00');
    expect(await instant('as_of', { as_of: '2025-06-01' })).toBe('2025-06-01 00:00:00');
  });

  test.each([
    'yesterday',
    '31.01.2024',
    '2024-02-30',
    '2024-13-01',
    '2024-01-31 25:00:00',
    '2024-1-31',
    "2024-01-31'; select 1",
    '',
  ])('%j is rejected', async (text) => {
    expect(await refusal({ from: text })).toBe(
      `invalid value "${text}" for --from: expected a date or time. Use 2024-01-31, "2024-01-31 23:59:59" or ISO 8601 with an offset.`,
    );
  });

  test('a period must not end before it starts', async () => {
    expect(await refusal({ from: '2024-02-01', to: '2024-01-31' })).toBe(
      '--from 2024-02-01 is after --to 2024-01-31. Swap them.',
    );
    expect(await refusal({ from: '2024-01-31', to: '2024-01-31' })).toBe('none');
  });
});

describe('other values', () => {
  test('are bound by type; missing ones are null or have their default', async () => {
    expect(await values({ n: '7', x: '1.5', kind: 'week', whole: 'true', day: '2024-02-29' })).toMatchObject({
      n: 7n,
      x: 1.5,
      kind: 'week',
      whole: true,
      day: '2024-02-29',
    });
    expect(await values({})).toMatchObject({
      from: null,
      n: 10n,
      x: null,
      kind: null,
      whole: null,
      day: null,
      tz: 'UTC',
    });
  });

  test.each([
    [{ n: '1.5' }, 'invalid value "1.5" for --n: expected an integer'],
    [{ n: 'ten' }, 'invalid value "ten" for --n: expected an integer'],
    [{ n: '5000' }, 'invalid value "5000" for --n: must be between 1 and 1000'],
    [{ n: '0' }, 'invalid value "0" for --n: must be between 1 and 1000'],
    [
      { x: '0x10' },
      'invalid value "0x10" for --x: expected a number. Use a decimal point and no thousands separators.',
    ],
    [
      { x: '1e400' },
      'invalid value "1e400" for --x: expected a number. Use a decimal point and no thousands separators.',
    ],
    [{ money: '1e12' }, 'invalid value "1e12" for --money: too large'],
    [{ money: '-1000000000000' }, 'invalid value "-1000000000000" for --money: too large'],
    [{ x: '1,5' }, 'invalid value "1,5" for --x: expected a number. Use a decimal point and no thousands separators.'],
    [{ x: '-1' }, 'invalid value "-1" for --x: must be 0 or more'],
    [{ x: 'Infinity' }, 'invalid value "Infinity" for --x: expected a number'],
    [{ kind: 'weak' }, 'invalid value "weak" for --kind. Did you mean week?'],
    [{ whole: 'yes' }, 'invalid value "yes" for --whole: expected true or false'],
    [{ day: '2023-02-29' }, 'invalid value "2023-02-29" for --day: expected a date. For example: 2024-01-31.'],
    [
      { tz: 'Europe/Berln' },
      'invalid value "Europe/Berln" for --tz: expected an IANA time zone. Did you mean Europe/Berlin?',
    ],
    [{ form: '2024-01-31' }, 'unknown parameter --form. Did you mean from?'],
  ])('%j is rejected', async (given, line) => {
    expect(await refusal(given as unknown as Record<string, string>)).toContain(line);
  });

  test('a required parameter must be set', async () => {
    const needed = [parameter('customer_id', 'VARCHAR', { required: true })];
    await expect(bind(duckdb, needed, {}, { now, label: (name) => name })).rejects.toThrow('customer_id is required');
  });
});

test.each(['999999999999.999999', '-999999999999.999999', '-1.5e-3', '.5', '5.', '+1e11', ' 1 '])(
  'an amount may be written "%s"',
  async (money) => {
    expect(await refusal({ money })).toBe('none');
  },
);
