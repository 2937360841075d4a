import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Macros } from '../../../src/warehouse/clickhouse/macros.ts';
import { rewriteStatement } from '../../../src/warehouse/clickhouse/rewrite.ts';
import { clickHouseIdentifier, clickHouseLiteral, clickHouseType } from '../../../src/warehouse/clickhouse/types.ts';
import { literal } from '../../../src/warehouse/duckdb.ts';

const macros = new Macros()
  .add('-- A comment.\ncreate macro twice(x) as (x * 2); -- end\ncreate macro both(a, b) as twice(a) + twice(b);')
  .add('create macro square(x) as x * x;')
  .add('create macro round(x, n) as rounded(x, n);\ncreate macro to_decimal(x, s) as toDecimal(x, s);');
const rewrite = (sql: string, nulls: readonly string[] = []) =>
  rewriteStatement(sql, { macros, isNull: (name) => nulls.includes(name), tables: ['sessions'] });
const select = (sql: string, nulls?: readonly string[]): string => rewrite(sql, nulls).sql;

describe('an expression', () => {
  test.each([
    ['select $a::varchar', 'select {a:String}'],
    ['select $a::decimal(18,6)', 'select {a:Decimal(18,6)}'],
    ['select $at::timestamp', "select {at:DateTime64(6, 'UTC')}"],
    ["select date '2024-02-03'", "select CAST('2024-02-03' AS Date32)"],
    ['select x::double', 'select CAST(x AS Float64)'],
    ['select a.x::bigint', 'select CAST(a.x AS Int64)'],
    ['select f(x)::date', 'select CAST(f(x) AS Date32)'],
    ['select (x + 1)::double / 2', 'select CAST((x + 1) AS Float64) / 2'],
    ['select case when a then 1 end::double', 'select CAST(case when a then 1 end AS Float64)'],
    ['select sum(x) filter (where y)::double', 'select CAST(sum(toNullable(x)) filter (where y) AS Float64)'],
    ['select cast(x as decimal(18, 6))', 'select (toDecimal(x, 6))'],
    ['select round(x)', 'select (rounded(x, 0))'],
    ['select twice(y + 1)', 'select (((y + 1) * 2))'],
    ['select both(1, 2)', 'select (((1 * 2)) + ((2 * 2)))'],
    ['select count(*) over (partition by a)', 'select toInt64(count(*) over (partition by a))'],
    ['select lag(x, 1, null) over (order by y)', 'select lag(toNullable(x), 1, null) over (order by y)'],
    ['select last_value(x ignore nulls) over (order by y)', 'select last_value(x) ignore nulls over (order by y)'],
    ['select t.a, b from t', 'select t.a as a, b from t'],
    ['select distinct t.a from t', 'select distinct t.a as a from t'],
    ['select "a b" from t', 'select `a b` from t'],
    ["select string_agg(distinct x, ', ')", "select nullIf(arrayStringConcat(arraySort(groupUniqArray(x)), ', '), '')"],
    ['select 1 -- comment\n + 2 /* other */', 'select 1 + 2'],
    ['select x in (1, 2)', 'select x in (1 , 2)'],
    [
      'select a or exists (select b.x from b)',
      'select a or (select count(*) > 0 from (select 1 from (select b.x as x from b) limit 1))',
    ],
    [
      'select both(f(aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb, cccccccc), 1)',
      'select (((f(aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb, cccccccc) * 2)) + ((1 * 2)))',
    ],
    [
      'select square(f(aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb, cccccccc))',
      'select ((f(aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb, cccccccc) as _1) * _1)',
    ],
    [
      'select square(square(f(aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb, cccccccc)))',
      'select ((((f(aaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbb, cccccccc) as _1) * _1) as _2) * _2)',
    ],
  ])('%s', (sql, expected) => {
    expect(select(sql).replaceAll(' ,', ',')).toBe(expected.replaceAll(' ,', ','));
  });

  test('has a typed null for a parameter without a value', () => {
    expect(select('select $a::bigint', ['a'])).toBe('select CAST(NULL AS Nullable(Int64))');
  });
});

describe('what a portable statement does not contain is an error', () => {
  test.each([
    ['select {a:String}', 'unexpected character {'],
    ['select $$text$$', 'unexpected character $'],
    [String.raw`select e'\''`, 'unexpected string after e'],
    ['select 1; drop table x', 'unexpected character ;'],
    ["select 'open", "unexpected character '"],
    ['select (1', 'the statement is not complete'],
    ['select 1)', 'unexpected )'],
    ['select `a`', 'unexpected character `'],
    ['select twice(1, 2)', 'twice() expects 1 arguments, found 2'],
    ['select x::interval', 'no type of ClickHouse for interval'],
  ])('%s', (sql, message) => {
    expect(() => select(sql)).toThrow(message);
  });
});

test.each([
  "it's",
  String.raw`\'; drop table x; --`,
  String.raw`\\' or 1=1 --`,
  '{p:String}',
  '$x::varchar',
  "a\0b'",
  '/* */ --',
  "\u2019'\u{1F50C}\\",
])('a literal keeps its text: %j', (text) => {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  // NUL is a function of its own in DuckDB.
  const expected = text.includes('\0') ? `('a' || char(0) || 'b\\'')` : `'${escaped}'`;
  expect(select(`select ${literal(text)}`)).toBe(`select ${expected}`);
  expect(clickHouseLiteral(text)).toBe(`'${escaped.replaceAll('\0', '\\0')}'`);
});

test('quoted names keep their text', () => {
  expect(clickHouseIdentifier('a`b\\c"')).toBe('`a\\`b\\\\c"`');
  expect(select('select "a""b`c\\d"')).toBe('select `a"b\\`c\\\\d`');
});

test('types are those of the sources', () => {
  expect(['INTEGER[]', 'DECIMAL(18,6)', 'JSON', 'boolean'].map(clickHouseType)).toEqual([
    'Array(Int32)',
    'Decimal(18,6)',
    'String',
    'Bool',
  ]);
});

describe('CTEs', () => {
  test('views are tables unless they select rows; a report only if it groups', () => {
    const { ctes, sql } = rewrite(
      'with a as not materialized (select 1), b as (select 2), report as (select 3), c as materialized (select 4) select 5',
    );
    expect(ctes.map(({ name, inline }) => [name, inline])).toEqual([
      ['a', true],
      ['b', false],
      ['report', true],
      ['c', false],
    ]);
    expect(sql).toBe('select 5');
  });

  test('CTEs inside a view are tables if they are materialized', () => {
    const { ctes } = rewrite(
      'with v as (with a as materialized (select 1 as x), b as (select 2 as y) select x, y from a, b) select * from v',
    );
    expect(ctes.map(({ name, sql }) => [name, sql])).toEqual([
      ['a', 'select 1 as x'],
      ['v', 'with `b` as (select 2 as y) select x , y from a , b'],
    ]);
  });

  test('groups inside a view that are read twice are tables, with the rows they read inlined', () => {
    const { ctes } = rewrite(
      `with v as (with chosen as (select x from sessions), g as (select x, count(*) as n from chosen group by x)
       select a.n from g as a join g as b on a.x = b.x) select * from v`,
    );
    expect(ctes.map(({ name }) => name)).toEqual(['g', 'v']);
    expect(ctes[0]!.sql).toBe(
      'with `chosen` as (select x from sessions) select x , toInt64(count(*)) as n from chosen group by x',
    );
    expect(ctes[1]!.sql).toBe('select a.n as n from g as a join g as b on a.x = b.x');
  });

  test('groups with the name of a table or of an earlier view stay inside', () => {
    const { ctes } = rewrite(
      `with v as (with sessions as (select x from t group by x) select a.x from sessions as a join sessions as b on a.x = b.x) select * from v`,
    );
    expect(ctes.map(({ name }) => name)).toEqual(['v']);
  });
});

test('the macros of both engines have the same names and parameters', () => {
  const signatures = (file: string): Map<string, string[]> =>
    new Macros().add(readFileSync(`sql/prelude/${file}.sql`, 'utf8')).signatures();
  const [duckdb, clickhouse] = [signatures('duckdb'), signatures('clickhouse')];
  /** Functions of DuckDB, and what only macros of the file call. */
  const others = ['epoch_us', 'make_timestamp', 'round', 'range', 'isfinite', 'regexp_full_match'];
  const internal = ['finite_or_0', 'to_decimal', 'forecast_value'];
  for (const name of [...others, ...internal]) expect(clickhouse.delete(name), name).toBe(true);
  expect(Object.fromEntries(clickhouse)).toEqual(Object.fromEntries(duckdb));
});
