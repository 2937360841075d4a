import { BIGINT } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { bind } from '../../src/warehouse/binder.ts';
import { openEngine } from '../support/duckdb.ts';
import { bindError, parameter, values } from './bind-parameters.ts';

const { duckdb } = await openEngine();
const parameters = [
  parameter('name', 'VARCHAR'),
  parameter('n', 'BIGINT', { min: 1, max: 1000, default: '10' }),
  parameter('small', 'INTEGER'),
  parameter('x', 'DOUBLE', { min: 0 }),
  parameter('y', 'DOUBLE', { max: 1 }),
  parameter('money', 'DECIMAL(9,2)', { min: 0 }),
  parameter('kind', 'VARCHAR', { choices: ['day', 'week', 'month'], default: 'day' }),
  parameter('current', 'VARCHAR', { choices: ['AC', 'DC'] }),
  parameter('whole', 'BOOLEAN'),
  parameter('day', 'DATE'),
];
const bound = (given: Record<string, string>) => values(duckdb, parameters, given);

test('missing parameters are null or have their default', async () => {
  expect(await bound({})).toEqual({
    name: null,
    n: 10n,
    small: null,
    x: null,
    y: null,
    money: null,
    kind: 'day',
    current: null,
    whole: null,
    day: null,
  });
});

describe('accepted values', () => {
  test.each([
    [{ name: "O'Brien; drop table x --" }, { name: "O'Brien; drop table x --" }],
    [{ name: '' }, { name: '' }],
    [{ name: 'null' }, { name: 'null' }],
    [{ n: '1' }, { n: 1n }],
    [{ n: '1000' }, { n: 1000n }],
    [{ n: '+007' }, { n: 7n }],
    [{ small: '-5' }, { small: -5n }],
    [{ x: '0' }, { x: 0 }],
    [{ x: '1e3' }, { x: 1000 }],
    [{ x: '.5' }, { x: 0.5 }],
    [{ y: '-2.5' }, { y: -2.5 }],
    [{ kind: 'month' }, { kind: 'month' }],
    [{ whole: 'TRUE' }, { whole: true }],
    [{ whole: 'false' }, { whole: false }],
    [{ day: '2024-02-29' }, { day: '2024-02-29' }],
  ])('%j', async (given, expected) => {
    expect(await bound(given as unknown as Record<string, string>)).toMatchObject(expected);
  });
});

describe('rejected values', () => {
  test.each([
    [{ n: '1.5' }, 'invalid value "1.5" for --n: expected an integer. For example: --n 10.'],
    [{ n: '1e2' }, 'invalid value "1e2" for --n: expected an integer. For example: --n 10.'],
    [{ n: '' }, 'invalid value "" for --n: expected an integer. For example: --n 10.'],
    [{ n: '0x10' }, 'invalid value "0x10" for --n: expected an integer. For example: --n 10.'],
    [{ n: '1001' }, 'invalid value "1001" for --n: must be between 1 and 1000'],
    [{ n: '0' }, 'invalid value "0" for --n: must be between 1 and 1000'],
    [{ n: '-1' }, 'invalid value "-1" for --n: must be between 1 and 1000'],
    [{ x: '-0.5' }, 'invalid value "-0.5" for --x: must be 0 or more'],
    [{ y: '1.01' }, 'invalid value "1.01" for --y: must be 1 or less'],
    [{ x: '1,5' }, 'invalid value "1,5" for --x: expected a number. Use a decimal point and no thousands separators.'],
    [{ x: ' ' }, 'invalid value " " for --x: expected a number. Use a decimal point and no thousands separators.'],
    [{ x: 'NaN' }, 'invalid value "NaN" for --x: expected a number. Use a decimal point and no thousands separators.'],
    [
      { x: '1e999' },
      'invalid value "1e999" for --x: expected a number. Use a decimal point and no thousands separators.',
    ],
    [{ kind: 'moth' }, 'invalid value "moth" for --kind. Did you mean month?'],
    [{ kind: 'decade' }, 'invalid value "decade" for --kind. Accepted: day, week, month.'],
    [{ current: 'dc' }, 'invalid value "dc" for --current. Did you mean DC?'],
    [{ whole: '1' }, 'invalid value "1" for --whole: expected true or false'],
    [{ whole: '' }, 'invalid value "" for --whole: expected true or false'],
    [{ day: '2023-02-29' }, 'invalid value "2023-02-29" for --day: expected a date. For example: 2024-01-31.'],
    [
      { day: '2024-01-31 10:00' },
      'invalid value "2024-01-31 10:00" for --day: expected a date. For example: 2024-01-31.',
    ],
    [{ day: 'tomorrow' }, 'invalid value "tomorrow" for --day: expected a date. For example: 2024-01-31.'],
    [{ nmae: 'x' }, 'unknown parameter --nmae. Did you mean name?'],
    [{ colour: 'x' }, 'unknown parameter --colour. Known: name, n, small, x, y, money, kind, current, whole, day.'],
  ])('%j', async (given, expected) => {
    expect(await bindError(duckdb, parameters, given as unknown as Record<string, string>)).toBe(expected);
  });

  test.each([
    ['much', 'expected a number'],
    ['1,50', 'expected a number'],
    ['-1', 'must be 0 or more'],
  ])('a decimal is checked like other numbers: %s', async (money, expected) => {
    expect(await bindError(duckdb, parameters, { money })).toContain(expected);
  });

  test('an integer out of the range of its type', async () => {
    // The maximum of INTEGER is 2147483647.
    expect(await bindError(duckdb, parameters, { small: '3000000000' })).toContain('--small');
  });
});

test('a decimal keeps its digits', async () => {
  const { bindings } = await bind(
    duckdb,
    [parameter('money', 'DECIMAL(18,6)')],
    { money: '123456789012.123456' },
    { now: new Date(0), label: (name) => name },
  );
  expect(await duckdb.row('select $money::decimal(18, 6)::varchar as m', bindings)).toEqual({
    m: '123456789012.123456',
  });
});

test('the maximum BIGINT is accepted', async () => {
  expect(await values(duckdb, [parameter('n', 'BIGINT')], { n: '9223372036854775807' })).toEqual({
    n: 9223372036854775807n,
  });
});

test('a required parameter needs a value or a default', async () => {
  const customer = parameter('customer_id', 'VARCHAR', { required: true });
  expect(await bindError(duckdb, [customer], {})).toBe('--customer_id is required');
  expect(await bindError(duckdb, [customer], { customer_id: 'c1' })).toBe('taken');
  expect(await bindError(duckdb, [{ ...customer, default: 'c0' }], {})).toBe('taken');
});

test('parameters not in the SQL are checked and returned, but not bound', async () => {
  const limit = parameter('limit', 'BIGINT', { inSql: false, default: '50', min: 1, max: 100 });
  const context = { now: new Date(0), label: (name: string) => name };
  expect(await bind(duckdb, [limit], {}, context)).toEqual({
    bindings: { values: {}, types: {} },
    allBindings: { values: { limit: 50n }, types: { limit: BIGINT } },
    rawValues: { limit: '50' },
  });
  expect(await bindError(duckdb, [limit], { limit: '101' })).toBe(
    'invalid value "101" for --limit: must be between 1 and 100',
  );
});
