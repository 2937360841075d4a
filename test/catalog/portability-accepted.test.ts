import { expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';
import { portabilityError } from './report-file.ts';

const { duckdb } = await openEngine();
const from = 'from charging_sessions';

/** SQL with the same result in both engines. */
test.each([
  // Sums and other aggregates.
  `select coalesce(sum(energy_kwh), 0) as kwh, count(*) as n, avg(energy_kwh) as mean, min(energy_kwh) as least, max(energy_kwh) as most ${from}`,
  `select coalesce(round(sum(energy_kwh), 2), 0) as kwh ${from}`,
  `select user_id, sum(energy_kwh) as kwh ${from} group by user_id having sum(energy_kwh) > 5`,
  `select session_id, sum(energy_kwh) over (partition by user_id order by start_time) as running ${from}`,
  `select (select coalesce(sum(energy_kwh), 0) ${from}) as kwh`,
  `select count(distinct user_id) filter (where status = 'x') as n, max_by(user_id, energy_kwh) as u, any_value(rfid) as r, string_agg(distinct currency, ', ') as c ${from}`,
  `select quant(energy_kwh, 0.5) as m ${from}`,
  // Division.
  `select energy_kwh::double / nullif(meter_start, 0) as n ${from}`,
  `select energy_kwh / nullif(meter_start, 0)::double as n ${from}`,
  `select energy_kwh / 60::double as n, energy_kwh::double / 60 as m ${from}`,
  `select idiv(7, 2) as n, epoch_s(start_time) as s ${from}`,
  // Casts.
  `select round(energy_kwh)::bigint as a, floor(energy_kwh)::integer as b, ceil(energy_kwh)::bigint as c, count(*)::integer as n ${from} group by energy_kwh`,
  `select round(energy_kwh, 2)::decimal(9, 2) as n ${from}`,
  `select 5::bigint as a, 1.25::decimal(9, 2) as b`,
  `select energy_kwh::double as a, user_id::varchar as b, start_time::date as c ${from}`,
  // Names.
  `select user_id, energy_kwh as kwh ${from} order by kwh`,
  `select user_id as user_id, s.rfid as rfid from charging_sessions s`,
  `with t as (select user_id as u ${from}) select u, u as other from t`,
  `select a.user_id, b.rfid as other_rfid from charging_sessions a join charging_sessions b on a.session_id = b.session_id`,
  `select max(energy_kwh) as most_energy from (select energy_kwh ${from}) x`,
  // Windows.
  `select lag(energy_kwh, 1, null) over (order by start_time) as a, lead(energy_kwh, 1, 0) over (order by start_time) as b ${from}`,
  `select session_id, row_number() over (partition by user_id order by start_time) as n ${from} qualify n = 1`,
  `select ntile(5) over (order by energy_kwh) as fifth, rank() over (order by energy_kwh) as place ${from}`,
  // From and joins.
  `select unnest(range(0, 24)) as hour`,
  `select user_id ${from} union all select rfid ${from}`,
  `select a.user_id from charging_sessions a left join charging_sessions b on a.session_id = b.session_id`,
  `select a.user_id from charging_sessions a left join charging_sessions b on a.session_id = b.session_id and a.start_time < b.start_time`,
  `select a.user_id from charging_sessions a left join charging_sessions b using (session_id)`,
  `select a.user_id from charging_sessions a left join charging_sessions b on a.rfid is not distinct from b.rfid`,
  `select a.user_id from charging_sessions a join charging_sessions b on a.start_time < b.start_time`,
  `select a.user_id from charging_sessions a cross join charging_sessions b`,
  `select n from (values (1), (2)) t(n)`,
  `select user_id ${from} where exists (select 1 as one from charging_sessions b where b.rfid = 'x')`,
  `select * ${from}`,
  `with t as (select user_id ${from}) select t.* from t`,
  // Text, dates, parameters.
  `select user_id || '-' || coalesce(rfid, '') as label, char_length(user_id) as n ${from} where user_id ilike 'a%'`,
  `select regexp_replace(user_id, 'a', 'b') as n ${from}`,
  `select date_trunc('month', start_time::date) as a, date_diff('day', start_time, end_time) as b, extract(hour from start_time) as c, date_part('year', start_time) as d ${from}`,
  `select start_time + interval 1 day as n ${from}`,
  `select case when energy_kwh > 5 then 'much' else 'little' end as n, nullif(user_id, '') as u ${from}`,
  `select user_id ${from} where ($u::varchar is null or user_id = $u::varchar) and energy_kwh >= cast($x as double) limit $n::bigint offset 5`,
  `select user_id as "my user" ${from} order by "my user" limit 5 offset 5`,
  // Names of rejected functions are allowed as columns, in strings and in comments.
  `select user_id as median, 'concat(a)' as n ${from} -- length(x) // 2`,
])('%s', async (sql) => {
  expect(await portabilityError(duckdb, sql)).toBe('none');
});
