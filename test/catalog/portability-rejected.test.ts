import { describe, expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';
import { portabilityError } from './report-file.ts';

const { duckdb, catalog } = await openEngine();
const from = 'from charging_sessions';
const differs = (name: string, instead: string): string => `${name}() differs between engines. Use ${instead}.`;
const decimals = 'dividing decimals differs between engines. Use x::double / y.';
const zero = 'a division by a value that may be zero. Use x / nullif(y, 0).';
const whole = 'a cast to an integer without rounding. Use round(x)::bigint.';
const decimal = 'a cast to a decimal without rounding. Use round(x, s)::decimal(p, s).';
const week = 'week and weekday numbers differ between engines. Use a prelude macro.';
const repeats = (name: string): string => `alias ${name} repeats a column's name. Use another alias.`;
const backslash = 'a backslash in a literal is an escape in the other engine. Use a prelude macro.';
const lag = 'lag and lead without a default return 0, not null, in the other engine. Use lag(x, 1, null).';
const sum = 'a sum over no rows is 0 in the other engine and null in DuckDB. Use coalesce(sum(x), 0).';
const left = 'a left join without an equality. Use a join on equal columns.';
const union = 'a bare union. Use union all, or union distinct by a group by.';
const inFrom = 'a function in from. Use unnest(range(…)) in the select list.';
const star = '* with exclude or replace. Use column names.';

/** SQL that silently returns other numbers in the other engine. */
describe('silently different', () => {
  test.each([
    [`select median(energy_kwh) as m ${from}`, differs('median', 'quant(x, 0.5)')],
    [`select user_id, MEDIAN(energy_kwh) as m ${from} group by user_id`, differs('median', 'quant(x, 0.5)')],
    [`select amount_paid / energy_kwh as p ${from}`, decimals],
    [`select amount_paid / 2 as p ${from}`, decimals],
    [`select energy_kwh::bigint as e ${from}`, whole],
    [`select cast(energy_kwh as integer) as e ${from}`, whole],
    [`select energy_kwh::smallint as e ${from}`, whole],
    [`select (energy_kwh * 2)::hugeint as e ${from}`, whole],
    [`select energy_kwh::decimal(9, 2) as e ${from}`, decimal],
    [`select cast(energy_kwh as numeric(9, 2)) as e ${from}`, decimal],
    [`select user_id, max(energy_kwh) as energy_kwh ${from} group by user_id`, repeats('energy_kwh')],
    [`select user_id as station_id ${from}`, repeats('station_id')],
    [`select s.user_id as rfid from charging_sessions s`, repeats('rfid')],
    [`with t as (select energy_kwh as kwh ${from}) select max(kwh) as kwh from t`, repeats('kwh')],
    [`with t as (select max(user_id) as user_id ${from}) select user_id from t`, repeats('user_id')],
    [`with a as (select user_id as u ${from}), b as (select * from a) select max(u) as u from b`, repeats('u')],
    [`select max(kwh) as kwh from (select energy_kwh as kwh ${from}) x`, repeats('kwh')],
    [
      `select a.session_id, max(b.user_id) as rfid from charging_sessions a join charging_sessions b on a.session_id = b.session_id group by a.session_id`,
      repeats('rfid'),
    ],
    [`select 1 as x where exists (select max(user_id) as user_id ${from})`, repeats('user_id')],
    [`select user_id ${from} union all select max(rfid) as rfid ${from}`, repeats('rfid')],
    [`select length(user_id) as n ${from}`, differs('length', 'char_length(x)')],
    [`select len(user_id) as n ${from}`, differs('len', 'char_length(x)')],
    [`select upper(user_id) as n ${from}`, differs('upper', 'ilike')],
    [`select lower(user_id) as n ${from}`, differs('lower', 'ilike')],
    [`select user_id.upper() as n ${from}`, differs('upper', 'ilike')],
    [`select concat(user_id, rfid) as n ${from}`, differs('concat', '||')],
    [`select dayofweek(start_time) as n ${from}`, differs('dayofweek', 'a prelude macro')],
    [`select week(start_time) as n ${from}`, differs('week', 'a prelude macro')],
    [`select date_part('dow', start_time) as n ${from}`, week],
    [`select date_part('week', start_time) as n ${from}`, week],
    [`select extract(isodow from start_time) as n ${from}`, week],
    [`select extract(week from start_time) as n ${from}`, week],
    [`select user_id ${from} where user_id like 'a\\%'`, backslash],
    [`select user_id || '\\' as n ${from}`, backslash],
    [`select energy_kwh::double / 0 as n ${from}`, zero],
    [`select energy_kwh::double / 0.0 as n ${from}`, zero],
    [`select energy_kwh::double / meter_start as n ${from}`, zero],
    [`select energy_kwh / meter_start::double as n ${from}`, zero],
    [`select energy_kwh::double / count(*) as n ${from} group by energy_kwh`, zero],
    [`select energy_kwh::double / (meter_stop - meter_start) as n ${from}`, zero],
    [`select lag(energy_kwh) over (order by start_time) as n ${from}`, lag],
    [`select lead(energy_kwh, 2) over (order by start_time) as n ${from}`, lag],
    [`select coalesce(lag(energy_kwh) over (order by start_time), 0) as n ${from}`, lag],
    [`select sum(energy_kwh) as n ${from}`, sum],
    [`select 1 + round(sum(energy_kwh), 2) as n ${from}`, sum],
    [`select sum(energy_kwh) filter (where status = 'x') as n ${from}`, sum],
    [`select 1 as n where 5 > (select sum(energy_kwh) ${from})`, sum],
    [`with t as (select sum(energy_kwh) as s ${from}) select s from t`, sum],
  ])('%s', async (sql, expected) => {
    expect(await portabilityError(duckdb, sql)).toBe(`1: ${expected}`);
  });
});

/** SQL that fails in the other engine. */
describe('available in one engine only', () => {
  test.each([
    [`select quantile_cont(energy_kwh, 0.5) as n ${from}`, differs('quantile_cont', 'quant(x, q)')],
    // DuckDB reads percentile_cont as quantile_cont.
    [
      `select percentile_cont(0.5) within group (order by energy_kwh) as n ${from}`,
      differs('quantile_cont', 'quant(x, q)'),
    ],
    [`select epoch(start_time) as n ${from}`, differs('epoch', 'epoch_s(ts)')],
    [`select to_timestamp(5) as n`, differs('to_timestamp', 'a prelude macro')],
    [`select strftime(start_time, '%Y') as n ${from}`, differs('strftime', 'a prelude macro')],
    [`select list(user_id) as n ${from}`, differs('list', 'a prelude macro')],
    [`select approx_count_distinct(user_id) as n ${from}`, differs('approx_count_distinct', 'count(distinct x)')],
    [`select arg_max(user_id, energy_kwh) as n ${from}`, differs('arg_max', 'max_by(x, y)')],
    [`select arg_min(user_id, energy_kwh) as n ${from}`, differs('arg_min', 'min_by(x, y)')],
    [`select 1 as n ${from} where starts_with(user_id, 'a')`, differs('starts_with', 'like')],
    [`select 1 as n ${from} where contains(user_id, 'a')`, differs('contains', 'contains_text(hay, needle)')],
    [`select 1 as n ${from} where strpos(user_id, 'a') > 0`, differs('strpos', 'contains_text(hay, needle)')],
    [`select split_part(user_id, '-', 1) as n ${from}`, differs('split_part', 'a prelude macro')],
    [
      `select try_cast(user_id as double) as n ${from}`,
      'try_cast exists in one engine only. Use a typed column, cast at ingest.',
    ],
    [
      `select json_extract_string(transaction_data, '$.a') as n ${from}`,
      differs('json_extract_string', 'a prelude macro'),
    ],
    [`select transaction_data ->> 'a' as n ${from}`, differs('->>', 'a prelude macro')],
    [`select 7 // 2 as n`, differs('//', 'idiv(a, b)')],
    [`select * exclude (user_id) ${from}`, star],
    [`select s.* exclude (user_id) from charging_sessions s`, star],
    [`select * replace (1 as user_id) ${from}`, star],
    [`select n from range(24) t(n)`, inFrom],
    [`select n from unnest([1, 2]) t(n)`, inFrom],
    [`select user_id from charging_sessions, range(3)`, inFrom],
    [
      `select string_agg(user_id, ',' order by user_id) as n ${from}`,
      'an ordered string_agg. Use a subquery that orders the rows.',
    ],
    [`select a.user_id from charging_sessions a left join charging_sessions b on a.start_time < b.start_time`, left],
    [`select a.user_id from charging_sessions a left join charging_sessions b on true`, left],
    [
      `select a.user_id from charging_sessions a left join charging_sessions b on a.user_id = b.user_id or a.rfid = b.rfid`,
      left,
    ],
    [`select a.user_id from charging_sessions a left join charging_sessions b on a.user_id <> b.user_id`, left],
    [
      `select regexp_replace(user_id, 'a', 'b', 'g') as n ${from}`,
      'regexp_replace with four arguments. Use regexp_replace(x, pattern, by).',
    ],
    [`select user_id ${from} union select rfid ${from}`, union],
    [`select user_id ${from} union all select rfid ${from} union select site_id ${from}`, union],
    [`with t as (select user_id ${from} union select rfid ${from}) select user_id from t`, union],
  ])('%s', async (sql, expected) => {
    expect(await portabilityError(duckdb, sql)).toBe(`1: ${expected}`);
  });
});

test('the error has the line of the problem, also in a CTE', async () => {
  expect(await portabilityError(duckdb, `select user_id,\n  'ä€' as a,\n  length(user_id) as n\n${from}`)).toBe(
    `3: ${differs('length', 'char_length(x)')}`,
  );
  expect(
    await portabilityError(
      duckdb,
      `with t as (\n  select user_id,\n    max(rfid) as rfid\n  ${from}\n  group by user_id)\nselect user_id from t`,
    ),
  ).toBe(`3: ${repeats('rfid')}`);
});

test('every file of the project passes', async () => {
  const { sources, reports, actions } = await catalog.checkAll();
  expect([sources, reports, actions].every((count) => count > 0)).toBe(true);
});
