import { describe, expect, test } from 'vitest';
import { clickhouseType, toDocument } from '../../src/reports/document.ts';
import { createReportRunner } from '../warehouse/report-runner.ts';

const report = (columns: string, page: string, answer: string, sql: string): string => `/*---
title: T
description: D.
params:
  from: { description: F, role: period_start }
  to: { description: T, role: period_end }
  site: { description: S, default: all }
columns:
${columns}
key: [session_id]
sort: { default: session_id, allow: [session_id] }
page: { ${page} }
answer: { ${answer} }
---*/
${sql}
from charging_sessions
where ($from::timestamp is null or start_time >= $from::timestamp) and ($to::timestamp is null or start_time <= $to::timestamp)
  and ($site::varchar = 'all' or site_id = $site::varchar)
`;
const columns = `  session_id: { description: I }
  began: { description: B }
  ended: { description: E, nullable: true }
  kwh: { description: K, unit: kWh, nullable: true }`;
const sql = 'select session_id, start_time as began, end_time as ended, energy_kwh as kwh';
const list =
  'shape: list, key: events, echo: [from, to, site], totals: { total_kwh: "coalesce(sum(kwh), 0)", total_sessions: count(*) }';
const { run, insertSessions } = await createReportRunner({
  listed: report(columns, 'kind: take_skip, default: 2, max: 10', list, sql),
  bare: report(columns, 'kind: none', 'shape: list', sql),
  one: report(columns, 'kind: limit, default: 1, max: 1', 'shape: object', sql),
});
const document = async (name: string, given: Record<string, string> = {}): Promise<unknown> =>
  toDocument(await run(name, given));

const three = [
  { session_id: 'a', start_time: '2024-01-01 10:00:00', end_time: '2024-01-01 11:30:00', energy_kwh: 1.5 },
  { session_id: 'b', start_time: '2024-01-02 10:00:00.25', energy_kwh: 2 },
  { session_id: 'c', start_time: '2024-01-03 10:00:00', energy_kwh: 4 },
];
const a = { session_id: 'a', began: '2024-01-01T10:00:00Z', ended: '2024-01-01T11:30:00Z', kwh: 1.5 };
const b = { session_id: 'b', began: '2024-01-02T10:00:00Z', ended: null, kwh: 2 };
const c = { session_id: 'c', began: '2024-01-03T10:00:00Z', ended: null, kwh: 4 };

describe('a list', () => {
  test('echoes parameters, has totals of all rows, and says that it is truncated', async () => {
    await insertSessions(three);
    expect(await document('listed', { from: '2024-01-01', to: '2024-01-31' })).toEqual({
      from: '2024-01-01',
      to: '2024-01-31',
      site: 'all',
      tz: 'UTC',
      events: [a, b],
      total_kwh: 7.5,
      total_sessions: 3,
      truncated: true,
    });
  });

  test('with all rows is not truncated', async () => {
    expect(await document('listed', { take: '3' })).toEqual({
      from: null,
      to: null,
      site: 'all',
      tz: 'UTC',
      events: [a, b, c],
      total_kwh: 7.5,
      total_sessions: 3,
    });
    expect(await document('bare')).toEqual({ tz: 'UTC', data: [a, b, c] });
  });

  test('the last page is not truncated', async () => {
    expect(await document('listed', { skip: '2' })).toEqual({
      from: null,
      to: null,
      site: 'all',
      tz: 'UTC',
      events: [c],
      total_kwh: 7.5,
      total_sessions: 3,
    });
  });

  test('the echo is the original text of a parameter', async () => {
    expect(await document('listed', { from: '2024-01-02T12:00:00+02:00', to: '2024-01-02 10:00:01' })).toMatchObject({
      from: '2024-01-02T12:00:00+02:00',
      to: '2024-01-02 10:00:01',
      events: [b],
      total_kwh: 2,
    });
  });
});

describe('one object', () => {
  test('is the first row', async () => {
    await insertSessions(three);
    expect(await document('one')).toEqual({ ...a, tz: 'UTC' });
  });
});

describe('the Tinybird document', () => {
  test('has meta, rows, their total number, and statistics', async () => {
    await insertSessions([
      { user_id: 'ann', energy_kwh: 3, amount_paid: 2.5, currency: 'EUR' },
      { user_id: 'bob', energy_kwh: 1, amount_paid: 1, currency: 'EUR' },
      { user_id: 'bob' },
    ]);
    const answer = (await document('user_usage', { limit: '1' })) as Record<string, unknown>;
    expect(Object.keys(answer)).toEqual(['meta', 'data', 'rows', 'rows_before_limit_at_least', 'statistics']);
    expect(answer).toMatchObject({
      data: [
        {
          user_id: 'bob',
          total_sessions: 2,
          total_energy_consumed: 1,
          total_amount_spent: 1,
          first_session: '2024-01-01 10:00:00',
        },
      ],
      rows: 1,
      rows_before_limit_at_least: 2,
      statistics: {
        elapsed: expect.any(Number) as number,
        rows_read: expect.any(Number) as number,
        bytes_read: expect.any(Number) as number,
      },
    });
    const { meta, data } = answer as { meta: { name: string; type: string }[]; data: Record<string, unknown>[] };
    expect(meta.map(({ name }) => name)).toEqual(Object.keys(data[0]!));
    expect(Object.fromEntries(meta.map(({ name, type }) => [name, type]))).toMatchObject({
      user_id: 'Nullable(String)',
      total_sessions: 'UInt64',
      total_amount_spent: 'Nullable(Float64)',
      avg_amount_per_session: 'Nullable(Float64)',
      first_session: 'DateTime',
      unique_stations_used: 'UInt64',
      total_minutes: 'Float64',
      currency: 'Nullable(String)',
    });
  });

  test.each([
    ['VARCHAR', 'String'],
    ['JSON', 'JSON'],
    ['TIMESTAMP', 'DateTime'],
    ['DATE', 'Date'],
    ['BOOLEAN', 'Bool'],
    ['DOUBLE', 'Float64'],
    ['FLOAT', 'Float32'],
    ['INTEGER', 'Int32'],
    ['BIGINT', 'Int64'],
    ['UBIGINT', 'UInt64'],
    ['DECIMAL(18,6)', 'Float64'],
    // Types from sign(), casts and small unsigned columns: all are numbers.
    ['TINYINT', 'Int8'],
    ['SMALLINT', 'Int16'],
    ['UINTEGER', 'UInt32'],
  ])('%s is %s', (type, expected) => {
    const column = { name: 'x', description: 'x', type, nullable: false };
    expect(clickhouseType(column)).toBe(expected);
    expect(clickhouseType({ ...column, nullable: true })).toBe(`Nullable(${expected})`);
  });

  test.each([
    ['BIGINT', 'UInt64'],
    ['HUGEINT', 'UInt64'],
    ['INTEGER', 'UInt64'],
    ['DOUBLE', 'Float64'],
  ])('a count of %s is %s', (type, expected) => {
    expect(clickhouseType({ name: 'x', description: 'x', type, unit: 'count', nullable: false })).toBe(expected);
  });
});

test('empty tables give well-formed empty documents', async () => {
  await insertSessions([]);
  for (const name of ['user_usage', 'get_sessions', 'station_analytics', 'quarantine_rows', 'quarantine_summary']) {
    expect(await document(name)).toMatchObject({
      meta: expect.any(Array) as unknown[],
      data: [],
      rows: 0,
      rows_before_limit_at_least: 0,
    });
  }
  expect(await document('listed')).toEqual({
    from: null,
    to: null,
    site: 'all',
    tz: 'UTC',
    events: [],
    total_kwh: 0,
    total_sessions: 0,
  });
  expect(await document('one')).toEqual({ session_id: null, kwh: null, began: null, ended: null, tz: 'UTC' });
  // All 24 hours, with zeros.
  expect(await document('energy_by_time_of_day')).toEqual({
    from: null,
    to: null,
    tz: 'UTC',
    data: Array.from({ length: 24 }, (_, hour) => ({ hour, avg_energy_kwh: 0 })),
  });
});
