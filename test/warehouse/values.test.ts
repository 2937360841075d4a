import { describe, expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';

const { duckdb } = await openEngine();
const one = async (sql: string): Promise<unknown> => (await duckdb.row(`select ${sql} as v`))['v'];

const json = (text: string): string => `'${text.replaceAll("'", "''")}'::json`;

describe('integers', () => {
  test.each([
    ['1::bigint', 1],
    ['-5::hugeint', -5],
    ['count(*)', 1],
    ['sum(7)', 7],
    // 2^53 - 1 is the maximum safe integer of a JSON number.
    ['9007199254740991::bigint', 9007199254740991],
    ['-9007199254740991::bigint', -9007199254740991],
    ['9007199254740992::bigint', '9007199254740992'],
    ['9007199254740993::bigint', '9007199254740993'],
    ['-9007199254740993::bigint', '-9007199254740993'],
    ['9223372036854775807::bigint', '9223372036854775807'],
    ['18446744073709551615::ubigint', '18446744073709551615'],
    ['170141183460469231731687303715884105727::hugeint', '170141183460469231731687303715884105727'],
    ['5::utinyint', 5],
  ])('%s', async (sql, expected) => {
    expect(await one(sql)).toBe(expected);
  });
});

describe('decimals', () => {
  test.each([
    ['0.1::decimal(18, 6) + 0.2::decimal(18, 6)', 0.3],
    ['19.99::decimal(18, 6)', 19.99],
    ['-0.000001::decimal(18, 6)', -0.000001],
    ['123456789.123456::decimal(18, 6)', 123456789.123456],
    ['5.000000::decimal(18, 6)', 5],
    ['12345678901234567890.00::decimal(22, 2)', '12345678901234567890.00'],
  ])('%s', async (sql, expected) => {
    expect(await one(sql)).toBe(expected);
  });
});

describe('fractions', () => {
  test.each([
    ['1.5::double', 1.5],
    ['1.5::float', 1.5],
    ['1e300::double', 1e300],
    ["'nan'::double", null],
    ["'inf'::double", null],
    ["'-inf'::double", null],
    ["'nan'::float", null],
    ['null::double', null],
  ])('%s', async (sql, expected) => {
    expect(await one(sql)).toBe(expected);
  });
});

describe('other types', () => {
  test.each([
    ["timestamp '2024-01-31 00:00:00'", '2024-01-31 00:00:00'],
    ["timestamp '2024-01-31 12:34:56.789'", '2024-01-31 12:34:56.789'],
    ["timestamp '2024-01-31 12:34:56.000001'", '2024-01-31 12:34:56.000001'],
    ["timestamp '1969-12-31 23:59:59'", '1969-12-31 23:59:59'],
    ["date '2024-02-29'", '2024-02-29'],
    ['\'Ä–€ "x"\'', 'Ä–€ "x"'],
    ["''", ''],
    ['true', true],
    ['null', null],
    ["uuid '00000000-0000-0000-0000-00000000000a'", '00000000-0000-0000-0000-00000000000a'],
  ])('%s', async (sql, expected) => {
    expect(await one(sql)).toBe(expected);
  });
});

describe('nested', () => {
  test.each([
    ['[1, null, 3]', [1, null, 3]],
    ['[]::integer[]', []],
    ['[9007199254740993::bigint, 1]', ['9007199254740993', 1]],
    [
      "{'n': 'nan'::double, 'd': 0.10::decimal(9, 2), 'at': timestamp '2024-01-31 10:00:00', 's': null::varchar}",
      { n: null, d: 0.1, at: '2024-01-31 10:00:00', s: null },
    ],
    ["[{'a': [1::bigint]}, {'a': []}]", [{ a: [1] }, { a: [] }]],
    ["map { 'k': 2::bigint }", [{ key: 'k', value: 2 }]],
    ["array_value(1.5::double, 'inf'::double)", [1.5, null]],
  ])('%s', async (sql, expected) => {
    expect(await one(sql)).toEqual(expected);
  });
});

describe('JSON', () => {
  test.each([
    ['{"b": 1, "a": {"c": [true, null, "x"]}}', { b: 1, a: { c: [true, null, 'x'] } }],
    ['[]', []],
    ['[[1], {}]', [[1], {}]],
    ['"text"', 'text'],
    ['7', 7],
    ['-0.5', -0.5],
    ['true', true],
    ['null', null],
    ['{"a": "Ä \\u00e4 \\n \\\\ /"}', { a: 'Ä ä \n \\ /' }],
    ['{"__proto__": 1}', JSON.parse('{"__proto__": 1}')],
  ])('%s is parsed', async (text, expected) => {
    expect(await one(json(text))).toEqual(expected);
  });

  test.each([
    ['9007199254740991', 9_007_199_254_740_991],
    ['-9007199254740991', -9_007_199_254_740_991],
    ['9007199254740992', '9007199254740992'],
    ['-9007199254740993', '-9007199254740993'],
    ['[12345678901234567890,1, -12345678901234567890 ]', ['12345678901234567890', 1, '-12345678901234567890']],
    ['{"id":12345678901234567890}', { id: '12345678901234567890' }],
    ['[1000000000000000]', [1_000_000_000_000_000]],
  ])('%s keeps every digit of integers', async (text, expected) => {
    expect(await one(json(text))).toEqual(expected);
  });

  test.each([
    '{"12345678901234567890": "12345678901234567890"}',
    '["id 12345678901234567890", "12345678901234567890 ", ":12345678901234567890,"]',
    // An escaped quote does not end a string; a quote after an escaped backslash does.
    String.raw`["he said \"12345678901234567890\", twice", "\\", "\\\"12345678901234567890"]`,
    String.raw`["\\12345678901234567890", "\u002212345678901234567890"]`,
  ])('digits in strings are unchanged: %s', async (text) => {
    expect(await one(json(text))).toEqual(JSON.parse(text));
  });

  test('digits after a string that ends in a backslash are a number', async () => {
    expect(await one(json(String.raw`["\\", 12345678901234567890, "\"", 12345678901234567890]`))).toEqual([
      '\\',
      '12345678901234567890',
      '"',
      '12345678901234567890',
    ]);
  });

  test.each([
    '1.5',
    '1e3',
    '1E-3',
    '12345678901234567890.5',
    '12345678901234567890e2',
    '12345678901234567890E+2',
    // The maximum digits of the shortest form of a double, and more.
    '0.30000000000000004',
    '-0.30000000000000004',
    '5.1234567890123456',
    '0.12345678901234567e-3',
    '1.0000000000000001e2',
    '0.98765432109876543210',
  ])('the fraction %s is a number', async (text) => {
    expect(await one(json(text))).toBe(Number(text));
    expect(await one(json(`{"kwh": [${text}], "id": 12345678901234567890}`))).toEqual({
      kwh: [Number(text)],
      id: '12345678901234567890',
    });
  });

  test.each(['NaN', '{"a": NaN}', '[1, Infinity]', '{"a": 1,}', '[1, 2,]'])(
    '%s, which only DuckDB accepts as JSON, stays a string',
    async (text) => {
      expect(await one(json(text))).toBe(text);
    },
  );

  test('a missing value is null, in a column with JSON', async () => {
    expect(
      await duckdb.rows(
        `select n, case when n = 1 then null else ('[' || n || ']')::json end as j, '[' || n || ']' as t from range(3) as r(n)`,
      ),
    ).toEqual([
      { n: 0, j: [0], t: '[0]' },
      { n: 1, j: null, t: '[1]' },
      { n: 2, j: [2], t: '[2]' },
    ]);
  });

  test('is parsed by the type of the column, not by the look of a string', async () => {
    expect(await one(`'{"a": 1}'`)).toBe('{"a": 1}');
  });
});

test('a result without rows is an empty list, and a single row is returned', async () => {
  expect(await duckdb.rows('select 1 as a where false')).toEqual([]);
  expect(await duckdb.row('select 1 as a where false')).toEqual({});
  expect(await duckdb.rows('select unnest(range(0, 3000)) as n')).toHaveLength(3000);
});
