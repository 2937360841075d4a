import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectClickHouse } from '../../src/warehouse/clickhouse/connect.ts';
import { openClickHouse } from '../../src/warehouse/clickhouse/open.ts';
import { parseClickHouseAddress } from '../../src/warehouse/clickhouse/address.ts';
import type { DuckDb } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';
import { startCluster, type ClickHouseCluster } from './cluster.ts';

let cluster: ClickHouseCluster;
let here: DuckDb;
let there: DuckDb;

beforeAll(async () => {
  cluster = await startCluster(1);
  await cluster.nodes[0]!.query('create table ingests (file Nullable(String)) engine = Memory');
  here = (await openEngine()).duckdb;
  const { duckdb, catalog } = await openEngine();
  const address = parseClickHouseAddress(cluster.nodes[0]!.url.replace('http:', 'clickhouse:'), '--engine');
  connectClickHouse(duckdb, await openClickHouse(duckdb, catalog, { address, password: '', seconds: 60 }));
  there = duckdb;
});
afterAll(() => cluster.stop());

/** Rows of a column x, by what they are for. Null is always one of them. */
const values = {
  times: [
    '1969-12-31 23:59:59.5',
    '1970-01-01 00:00:00',
    '2024-02-29 12:34:56.123456',
    '2024-03-31 00:59:59',
    '2024-03-31 01:00:00',
    '2024-10-27 00:30:00',
    '2024-10-27 01:30:00',
    '2024-11-03 05:00:00',
    '2100-01-01 00:00:00',
  ].map((text) => `timestamp '${text}'`),
  numbers: ['0', '1', '-1', '0.5', '1.5', '2.5', '-0.5', '-2.5', '0.125', '0.57', '1234567.891', '-0.004999'].map(
    (text) => `${text}::double`,
  ),
  integers: ['0', '1', '59', '60', '3599', '3600', '86399', '86400', '90061', '999', '1000', '1234567'].map(
    (text) => `${text}::bigint`,
  ),
  texts: [
    '',
    'a',
    'Straße',
    'ÄÖÜ',
    'Faulted',
    'SuspendedEV',
    '%',
    'x_y',
    '12',
    '123456789012345',
    '1234567890123456',
  ].map((text) => `'${text}'`),
};

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'America/Havana'];

const cases: [keyof typeof values, string[]][] = [
  [
    'times',
    [
      'epoch_s(x)',
      'epoch_micros(x)',
      'timestamp_text(x)',
      'seconds_after(x, 1.5)',
      "seconds_between(x, timestamp '2024-03-01')",
      "days_between(x, timestamp '2024-03-01')",
      ...['day', 'week', 'month', 'year'].flatMap((unit) => [
        `bucket_of_date('${unit}', x::date)`,
        `bucket_of_epoch('${unit}', epoch_s(x), 'Europe/Berlin')`,
      ]),
      ...zones.flatMap((zone) => [
        `local_hour_of_epoch(epoch_s(x), '${zone}')`,
        `local_date_of_epoch(epoch_s(x), '${zone}')`,
        `epoch_of_local_date(x::date, '${zone}')`,
      ]),
      'iso_weekday(x::date)',
      'weekday_name_of(iso_weekday(x::date))',
      "session_end_s(x, timestamp '2024-03-31 01:00:00')",
      ...['start', 'end', 'spread'].flatMap((rule) => [
        `in_period(x, timestamp '2024-03-31 02:00:00', timestamp '2024-03-31', timestamp '2024-03-31 23:59:59', '${rule}')`,
        `amount_in_period(10::decimal(18,6), x, timestamp '2024-03-31 02:00:00', timestamp '2024-03-31', null::timestamp, '${rule}')`,
        `seconds_in_period(x, timestamp '2024-03-31 02:00:00', timestamp '2024-03-31', null::timestamp, '${rule}')`,
      ]),
      "issue_id_of('offline', 'A', null::varchar, 's', x)",
    ],
  ],
  [
    'numbers',
    [
      'round(x)',
      'round(x, 2)',
      'round(x, 2)::decimal(18,2)',
      'cast(x as decimal(18,6))',
      'round(x)::bigint',
      'two_decimals(x)',
      'number_text(round(x, 3))',
      'isfinite(x)',
      'least_non_null(x, 1::double)',
      'plausible_kw(x, 60)',
      "is_completed(timestamp '2024-01-01', timestamp '2024-01-02', x, 'ended')",
      'meter_difference(1000::double, 2500::double, x)',
      'meter_contradicts(1000::double, 2500::double, x, 0.1)',
      'converted_amount(x, 1.1, 3::double)',
      'energy_price(x, 0.39)',
      'amount_until(round(x, 6)::decimal(18,6), 0, 60, 20)',
      "spent_amount('purchase', x, 2)",
    ],
  ],
  [
    'integers',
    [
      'idiv(x, 60)',
      'duration_text(x)',
      "pluralize(x, 'day')",
      "count_of(x, 'amount')",
      'grouped_digits(x)',
      'overlap(x, x + 100, 0, 900)',
      "fail_above(x, 2000000, 'too many')",
      'bounded_buckets(x - 1234567)',
    ],
  ],
  [
    'texts',
    [
      'fold_case(x)',
      "equals_ci(x, 'ä' || 'öü')",
      "contains_text(x, 'a')",
      "contains_ci(x, 'ß')",
      "contains_ci(x, '%')",
      'hash16(x)',
      'connector_state(x)',
      "transaction_number(x, 'session ' || x)",
      'transaction_number(x, null::varchar)',
      'is_purchase(x, 1)',
      'substr(x, 2, 3)',
      'char_length(x)',
    ],
  ],
];

test.each(cases.flatMap(([kind, expressions]) => expressions.map((expression) => [expression, kind] as const)))(
  '%s is the same on both engines',
  async (expression, kind) => {
    const rows = [...values[kind], 'null']
      .map((value, at) => `select ${at} as place, ${value} as x`)
      .join(' union all ');
    const sql = `select place, ${expression} as result from (${rows}) as data order by place`;
    const [expected, found] = [await here.rows(sql), await there.rows(sql)];
    for (const [at, { result }] of expected.entries()) {
      const other = found[at]!['result'];
      if (typeof result === 'number' && typeof other === 'number') expect(other).toBeCloseTo(result, 9);
      else expect(other, values[kind][at] ?? 'null').toEqual(result);
    }
  },
);

test.each([
  'list_names(x)',
  'count_object(x, n)',
  'list_by(x, -n)',
  'quant(n, 0.5)',
  'quant(n, 0.95)',
  'count(distinct x)',
  'max_by(x, n)',
  'min(n) filter (where x = $none::varchar)',
  'count(*) filter (where n > 1)',
  'bool_or(n > 2)',
  'bool_and(n > 2)',
])('%s is the same on both engines', async (expression) => {
  const rows = "select 'b' as x, 1 as n union all select 'a', 2 union all select 'c', 3 union all select 'd', 9";
  const sql = `select ${expression.replace('$none::varchar', "'none'")} as result from (${rows}) as data`;
  expect(await there.rows(sql)).toEqual(await here.rows(sql));
});

test('heartbeats of a day', async () => {
  const day =
    "timestamp '2024-01-01 00:00:01' as first_at, 3 as heartbeat_count, 300 as step, [0, 5, -2]::integer[] as deviations";
  const sql = `select unnest_heartbeats(first_at, heartbeat_count, step, deviations, 1000) as beat_at from (select ${day}) as days order by beat_at`;
  const expected = ['2024-01-01 00:00:01', '2024-01-01 00:05:06', '2024-01-01 00:09:59'].map((at) => ({ beat_at: at }));
  expect(await here.rows(sql)).toEqual(expected);
  expect(await there.rows(sql)).toEqual(expected);
});
