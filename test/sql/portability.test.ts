import { describe, expect, test } from 'vitest';
import { parseSqlFile } from '../../src/catalog/front-matter.ts';
import { checkPortability } from '../../src/catalog/portability.ts';
import { openEngine } from '../support/duckdb.ts';

const { duckdb, catalog } = await openEngine();
const check = (sql: string): Promise<unknown> =>
  checkPortability(parseSqlFile('probe.sql', `/*---\ntitle: x\n---*/\n${sql}`), duckdb);
const sessions = 'from charging_sessions';

describe('rejected, because the result would differ in the other engine', () => {
  test.each([
    [`select median(energy_kwh) as m ${sessions}`, 'median()'],
    [`select quantile_cont(energy_kwh, 0.5) as m ${sessions}`, 'quant(x, q)'],
    [`select approx_count_distinct(user_id) as n ${sessions}`, 'count(distinct x)'],
    [`select arg_max(user_id, energy_kwh) as u ${sessions}`, 'max_by(x, y)'],
    [`select list(user_id) as l ${sessions}`, 'list()'],
    [`select length(user_id) as l ${sessions}`, 'char_length(x)'],
    [`select upper(user_id) as u ${sessions}`, 'ilike'],
    [`select concat(user_id, 'x') as c ${sessions}`, '||'],
    [`select user_id ${sessions} where starts_with(user_id, 'a')`, 'like'],
    [`select user_id ${sessions} where contains(user_id, 'a')`, 'contains_text'],
    [`select split_part(user_id, '-', 1) as s ${sessions}`, 'split_part()'],
    [`select epoch(start_time) as e ${sessions}`, 'epoch_s(ts)'],
    [`select strftime(start_time, '%Y') as y ${sessions}`, 'strftime()'],
    [`select transaction_data ->> 'a' as a ${sessions}`, 'prelude'],
    [`select json_extract_string(transaction_data, 'a') as a ${sessions}`, 'prelude'],
    [`select user_id ${sessions} where strpos(user_id, 'a') > 0`, 'contains_text'],
    [`select to_timestamp(0) as t`, 'to_timestamp()'],
    [`select percentile_cont(0.5) within group (order by energy_kwh) as m ${sessions}`, 'quant(x, q)'],
    [`select regexp_replace(user_id, 'a', 'b', 'g') as r ${sessions}`, 'regexp_replace'],
    [`select 7 // 2 as n`, 'idiv(a, b)'],
    [`select dayofweek(start_time) as d ${sessions}`, 'dayofweek()'],
    [`select extract(dow from start_time) as d ${sessions}`, 'weekday numbers'],
    [`select amount_paid / 2 as half ${sessions}`, 'decimals'],
    [`select energy_kwh::double / 0 as e ${sessions}`, 'zero'],
    [`select energy_kwh::double / meter_start as e ${sessions}`, 'x / nullif(y, 0)'],
    [`select energy_kwh::bigint as e ${sessions}`, 'round(x)::bigint'],
    [`select energy_kwh::decimal(9, 2) as e ${sessions}`, 'round(x, s)'],
    [`select try_cast(user_id as double) as u ${sessions}`, 'try_cast'],
    [`select user_id ${sessions} where user_id = 'a\\b'`, 'backslash'],
    [`select lag(energy_kwh) over (order by start_time) as l ${sessions}`, 'lag'],
    [`select sum(energy_kwh) as s ${sessions}`, 'coalesce(sum(x), 0)'],
    [`select user_id ${sessions} union select station_id ${sessions}`, 'bare union'],
    [`select * exclude (user_id) ${sessions}`, 'Use column names.'],
    [`select hour from range(24) t(hour)`, 'function in from'],
    [`select string_agg(user_id, ',' order by user_id) as s ${sessions}`, 'ordered string_agg'],
    [
      `select a.user_id from charging_sessions a left join charging_sessions b on a.start_time < b.start_time`,
      'left join',
    ],
    [`select user_id, sum(energy_kwh) as energy_kwh ${sessions} group by user_id`, "repeats a column's name"],
    [`with t as (select user_id as u ${sessions}) select max(u) as u from t`, "repeats a column's name"],
    [`select user_id from (select max(user_id) as user_id ${sessions}) x`, "repeats a column's name"],
    [`select user_id ${sessions} where user_id = $u`, 'has no type'],
  ])('%s', async (sql, what) => {
    await expect(check(sql)).rejects.toMatchObject({ fullMessage: expect.stringContaining(what) as string });
  });

  test('the message has the line of the finding', async () => {
    await expect(check(`select user_id,\n  station_id,\n  median(energy_kwh) as m\n${sessions}`)).rejects.toMatchObject(
      {
        fullMessage: expect.stringMatching(/^probe\.sql:6: /) as string,
      },
    );
  });
});

describe('accepted', () => {
  test.each([
    [`select coalesce(sum(energy_kwh), 0) as kwh ${sessions}`],
    [`select user_id, sum(energy_kwh) as kwh ${sessions} group by user_id`],
    [`select user_id, energy_kwh ${sessions}`],
    [`select amount_paid::double / nullif(energy_kwh, 0) as price ${sessions}`],
    [`select energy_kwh / 60::double as e ${sessions}`],
    [`select round(energy_kwh)::bigint as e, round(energy_kwh, 2)::decimal(9, 2) as d ${sessions}`],
    [`select lag(energy_kwh, 1, null) over (order by start_time) as l ${sessions}`],
    [`select quant(energy_kwh, 0.5) as m ${sessions}`],
    [`select unnest(range(0, 24)) as hour`],
    [`select user_id ${sessions} union all select station_id ${sessions}`],
    [
      `select a.user_id from charging_sessions a left join charging_sessions b on a.session_id = b.session_id and a.start_time < b.start_time`,
    ],
    [`select user_id as who ${sessions} where user_id ilike $who::varchar order by who limit $n::bigint`],
    [`select count(*) filter (where status = 'failed') as failed ${sessions}`],
  ])('%s', async (sql) => {
    await expect(check(sql)).resolves.toBeDefined();
  });

  test('every file of the project', async () => {
    const { sources, reports, actions } = await catalog.checkAll();
    expect([sources, reports, actions].every((count) => count > 0)).toBe(true);
  });
});
