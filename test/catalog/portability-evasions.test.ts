import { describe, expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';
import { portabilityError } from './report-file.ts';

const { duckdb } = await openEngine();
const from = 'from charging_sessions';

/** Other spellings of rejected SQL, with another result in the other engine, or none. */
describe('rejected in every spelling', () => {
  test.each([
    ['over a window', `select median(energy_kwh) over (partition by user_id) as n ${from}`, 'median()'],
    ['over a window', `select quantile_cont(energy_kwh, 0.5) over () as n ${from}`, 'quantile_cont()'],
    ['over a window', `select list(user_id) over () as n ${from}`, 'list()'],
    ['over a window', `select arg_max(user_id, energy_kwh) over () as n ${from}`, 'arg_max()'],
    ['over a window', `select string_agg(user_id, ',' order by user_id) over () as n ${from}`, 'an ordered string_agg'],
    ['a part in capitals', `select date_part('DOW', start_time) as n ${from}`, 'weekday numbers'],
    ['a part in capitals', `select extract(WEEK from start_time) as n ${from}`, 'weekday numbers'],
    ["another of DuckDB's names for it", `select date_part('weeks', start_time) as n ${from}`, 'weekday numbers'],
    // DuckDB: 2; ClickHouse: 1.
    ['a constant with a fraction', 'select 1.5::bigint as n', 'a cast to an integer without rounding'],
    ['a constant with more decimals', 'select 1.555::decimal(9, 2) as n', 'a cast to a decimal without rounding'],
    [
      'rounded, but to more decimals',
      `select round(energy_kwh, 4)::decimal(9, 2) as n ${from}`,
      'a cast to a decimal without rounding',
    ],
    ['the largest whole number', `select energy_kwh::uhugeint as n ${from}`, 'a cast to an integer without rounding'],
    [
      'nullif of something else',
      `select energy_kwh::double / nullif(meter_start, 5) as n ${from}`,
      'a division by a value that may be zero',
    ],
    [
      'a subquery inside case',
      `select case when true then (select max(user_id) as user_id ${from}) end as n`,
      "repeats a column's name",
    ],
    [
      'a subquery in a join',
      `select a.rfid from charging_sessions a join charging_sessions b on a.rfid = (select max(user_id) as user_id ${from})`,
      "repeats a column's name",
    ],
    ['columns named in from', 'select max(a) as b from (values (1, 2)) t(a, b)', "repeats a column's name"],
    ['columns named in with', 'with t(a, b) as (select 1, 2) select max(a) as b from t', "repeats a column's name"],
    [
      'an equality with a constant',
      `select a.rfid from charging_sessions a left join charging_sessions b on b.status = 'x' and a.start_time < b.start_time`,
      'a left join without an equality',
    ],
    ['union by name', `select user_id ${from} union by name select user_id ${from}`, 'union'],
  ])('%s: %s', async (_, sql, expected) => {
    expect(await portabilityError(duckdb, sql)).toContain(expected);
  });
});

describe('rejected under other names', () => {
  test.each([
    ['ucase', `select ucase(user_id) as n ${from}`],
    ['lcase', `select lcase(user_id) as n ${from}`],
    ['argmax', `select argmax(user_id, energy_kwh) as n ${from}`],
    ['argmin', `select argmin(user_id, energy_kwh) as n ${from}`],
    ['array_agg', `select array_agg(user_id) as n ${from}`],
    ['^@', `select 1 as n ${from} where user_id ^@ 'a'`],
    ['instr', `select instr(user_id, 'a') as n ${from}`],
    ['an ordered string_agg', `select listagg(user_id, ',' order by user_id) as n ${from}`],
    ['an ordered string_agg', `select group_concat(user_id, ',' order by user_id) as n ${from}`],
  ])('%s: %s', async (name, sql) => {
    expect(await portabilityError(duckdb, sql)).toMatch(new RegExp(`^1: .*${name.replace('^', '\\^')}`));
  });
});

test('a parameter without a type is reported with its line', async () => {
  expect(await portabilityError(duckdb, `select user_id ${from}\nwhere user_id = $u::varchar\n  or rfid = $u`)).toBe(
    '3: parameter $u has no type. Write $u::varchar, or another type.',
  );
});
