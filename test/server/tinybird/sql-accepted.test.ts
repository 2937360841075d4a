import { expect, test } from 'vitest';
import { startInProcessServer } from '../../support/in-process-server.ts';

const { app } = await startInProcessServer({ files: ['test/reports/data/dozen/dozen.csv'] });

/** Ordinary SQL that must be accepted, with its result. */
const ordinary: [statement: string, first: unknown][] = [
  ['select [y * 2 for y in [1, 2, 3] if y > 1] as a', { a: [4, 6] }],
  [
    "select list_transform([1], lambda x: x + 1) as a, [1, 2][1:1] as b, {'k': 1}.k as c, map {'k': 1}['k'] as d",
    { a: [2], b: [1], c: 1, d: 1 },
  ],
  [
    "select extract(year from date '2024-02-29') as a, date '2024-02-29' + interval 1 year as b",
    { a: 2024, b: '2025-02-28 00:00:00' },
  ],
  [
    "select current_date is not null as a, now() > timestamp '2020-01-01' as b, current_timestamp is null as c",
    { a: true, b: true, c: false },
  ],
  [
    "select 'abc' like 'a%' as a, 'abc' ~ 'b' as b, 'abc' similar to 'a.c' as c, 'abc' ilike 'A%' as d, 'abc' glob '*c' as e",
    { a: true, b: false, c: true, d: true, e: true },
  ],
  [
    'select coalesce(null, 1) as a, ifnull(null, 2) as b, nullif(1, 1) as c, if(true, 3, 4) as d, case when false then 1 else 5 end as e',
    { a: 1, b: 2, c: null, d: 3, e: 5 },
  ],
  [
    "select timestamp '2024-07-01 12:00:00' at time zone 'UTC' at time zone 'Europe/Zurich' as a",
    { a: '2024-07-01 14:00:00' },
  ],
  [
    "select trim(both 'x' from 'xax') as a, substring('abc' from 2 for 1) as b, position('b' in 'abc') as c, ('a').upper() as d",
    { a: 'a', b: 'b', c: 2, d: 'A' },
  ],
  [
    'select 7 // 2 as a, 2 ** 3 as b, 5 % 3 as c, -1 as d, ~1 as e, 1 is distinct from 2 as f, 1 = any(select 1) as g, 1 in [1, 2] as h',
    { a: 3, b: 8, c: 2, d: -1, e: -2, f: true, g: true, h: true },
  ],
  [
    "select '{\"a\": {\"b\": 1}}'::json ->> '$.a.b' as a, try_cast('x' as int) as b, '1'::decimal(4, 2) as c, null::int[] as d, null::struct(a int) as e",
    { a: '1', b: null, c: 1, d: null, e: null },
  ],
  [
    "select strptime('29.02.2024', '%d.%m.%Y') as a, try_strptime(station_id, '%Y-%m') as b, strftime(date '2024-02-29', '%Y') as c from charging_sessions limit 1",
    { a: '2024-02-29 00:00:00', b: null, c: '2024' },
  ],
  ['values (1, 2)', { col0: 1, col1: 2 }],
  ['from range(3) t(n) select max(n) as n', { n: 2 }],
  ['select * from unnest([1, 2]) with ordinality t(a, n)', { a: 1, n: 1 }],
  ['select unnest(range(2)) as a', { a: 0 }],
  [
    'select (select count(*) from charging_sessions) as n, exists (from charging_sessions) as e, array(select 1) as a',
    { n: 12, e: true, a: [1] },
  ],
  ['with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select sum(n) as n from r', { n: 15 }],
  [
    'with a as (select 1 as x), b as materialized (select x + 1 as x from a), a2 as (with a as (select 5 as x) from a) select a.x as a, b.x as b, a2.x as c from a, b, a2',
    { a: 1, b: 2, c: 5 },
  ],
  ['with tokens as (select 7 as x) from tokens', { x: 7 }],
  [
    'select station_id, sum(energy_kwh) as kwh, rank() over (order by sum(energy_kwh) desc) as place from charging_sessions group by 1 order by place limit 1',
    { station_id: 'B', kwh: 75, place: 1 },
  ],
  [
    "select count(*) filter (where status = 'failed') as failed, median(energy_kwh) as middle, string_agg(distinct currency, ',' order by currency) as c from charging_sessions",
    { failed: 1, middle: 10, c: 'EUR,GBP' },
  ],
  [
    'from charging_sessions select session_id qualify row_number() over (partition by station_id order by start_time desc) = 1 order by all limit 1',
    { session_id: 's06' },
  ],
  [
    'select * exclude (timestamp) replace (1 as energy_kwh) from (select session_id, energy_kwh, timestamp from charging_sessions) order by 1',
    { session_id: 's01', energy_kwh: 1 },
  ],
  [
    "select columns('^s.*_id$') from charging_sessions order by 1 limit 1",
    { session_id: 's01', station_id: 'A', site_id: 'north' },
  ],
  [
    "from (select station_id, currency from charging_sessions) pivot (count(*) for currency in ('EUR', 'GBP')) order by station_id desc",
    { station_id: 'D', EUR: 0, GBP: 1 },
  ],
  ['from (select 1 as a, 2 as b) unpivot (v for n in (a, b))', { n: 'a', v: 1 }],
  [
    'select count(*) as n from charging_sessions a join charging_sessions b using (session_id) left join sites s on s.site_id = a.site_id',
    { n: 12 },
  ],
  ['select count(*) as n from charging_sessions a, lateral (select a.energy_kwh as x) t where x > 10', { n: 5 }],
  ['select x from (select 1 as x union by name select 2 as x) order by x desc', { x: 2 }],
  ['(select 1 as x) intersect all (select 1)', { x: 1 }],
  [
    'select grouping(station_id) as g, count(*) as n from charging_sessions group by rollup (station_id) order by g desc',
    { g: 1, n: 12 },
  ],
  ['table charging_sessions order by session_id limit 1', expect.objectContaining({ session_id: 's01' })],
  ['select "Session_ID" as id from "Charging_Sessions" order by 1 limit 1 -- with a remark', { id: 's01' }],
  [
    "select is_completed(start_time, end_time, energy_kwh, status) as c from charging_sessions where session_id = 's05'",
    { c: false },
  ],
];

test.each(ordinary)('%s', async (q, first) => {
  const { statusCode, body } = await app.inject({ url: '/v0/sql', query: { q } });
  expect(statusCode, body).toBe(200);
  expect(JSON.parse(body).data[0]).toEqual(first);
});
