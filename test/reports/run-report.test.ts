import { describe, expect, test } from 'vitest';
import { createReportRunner } from '../warehouse/report-runner.ts';

const plain = (page: string): string => `/*---
title: Plain
description: Sessions as they are.
columns:
  session_id: { description: Session }
  kwh: { description: Energy, unit: kWh, nullable: true }
  user_id: { description: User, nullable: true }
key: [session_id]
sort: { default: -kwh, allow: [kwh, user_id, session_id] }
page: { ${page} }
answer: { shape: tinybird }
---*/
select session_id, energy_kwh as kwh, user_id from charging_sessions
`;
const { run, insertSessions } = await createReportRunner({
  limited: plain('kind: limit, default: 3, max: 10'),
  paged: plain('kind: take_skip, default: 3, max: 10'),
  whole: plain('kind: none'),
});
const ids = async (name: string, given: Record<string, string> = {}): Promise<unknown[]> =>
  (await run(name, given)).rows.map((row) => row['session_id']);

const five = [
  { session_id: 'c', energy_kwh: 5, user_id: 'ann' },
  { session_id: 'a', energy_kwh: 5, user_id: 'bob' },
  { session_id: 'e', energy_kwh: null, user_id: 'ann' },
  { session_id: 'b', energy_kwh: 9, user_id: null },
  { session_id: 'd', energy_kwh: null, user_id: 'cat' },
];

describe('order', () => {
  test.each([
    ['the default', undefined, ['b', 'a', 'c', 'd', 'e']],
    ['down: nulls last', '-kwh', ['b', 'a', 'c', 'd', 'e']],
    ['up: nulls last too', 'kwh', ['a', 'c', 'b', 'd', 'e']],
    ['texts up', 'user_id', ['c', 'e', 'a', 'd', 'b']],
    // Ties of ann are in key order in both directions.
    ['texts down', '-user_id', ['d', 'a', 'c', 'e', 'b']],
    ['the key down', '-session_id', ['e', 'd', 'c', 'b', 'a']],
  ])('%s', async (_, sort, expected) => {
    await insertSessions(five);
    expect(await ids('whole', sort === undefined ? {} : { sort })).toEqual(expected);
  });

  test.each([
    ['-kwhs', 'invalid value "-kwhs" for --sort. Did you mean kwh?'],
    ['kwh desc', 'invalid value "kwh desc" for --sort.'],
    ['"kwh"; drop table x', 'invalid value "\\"kwh\\"; drop table x" for --sort.'],
  ])('%j is not a sort order', async (sort, line) => {
    await expect(run('whole', { sort })).rejects.toMatchObject({
      kind: 'usage',
      fullMessage: expect.stringContaining(line.replaceAll('\\"', '"')) as string,
    });
  });
});

describe('pages', () => {
  test.each([
    ['limited', {}, ['b', 'a', 'c']],
    ['limited', { limit: '1' }, ['b']],
    ['limited', { limit: '10' }, ['b', 'a', 'c', 'd', 'e']],
    ['paged', {}, ['b', 'a', 'c']],
    ['paged', { skip: '3' }, ['d', 'e']],
    ['paged', { take: '2', skip: '1' }, ['a', 'c']],
    ['paged', { take: '2', skip: '5' }, []],
    ['paged', { take: '10', skip: '99' }, []],
    ['whole', {}, ['b', 'a', 'c', 'd', 'e']],
  ])('%s %j, with the total number of rows', async (name, given: Record<string, string>, expected) => {
    await insertSessions(five);
    const { rows, total } = await run(name, given);
    expect([rows.map((row) => row['session_id']), total]).toEqual([expected, 5]);
  });

  test.each([
    ['limited', { limit: '0' }, 'invalid value "0" for --limit: must be between 1 and 10'],
    ['limited', { limit: '11' }, 'invalid value "11" for --limit: must be between 1 and 10'],
    [
      'limited',
      { limit: '2; drop table x' },
      'invalid value "2; drop table x" for --limit: expected an integer. For example: --limit 3.',
    ],
    ['limited', { take: '1' }, 'unknown parameter --take. Known: sort, limit.'],
    ['paged', { take: '11' }, 'invalid value "11" for --take: must be between 1 and 10'],
    ['paged', { skip: '-1' }, 'invalid value "-1" for --skip: must be 0 or more'],
    ['whole', { limit: '1' }, 'unknown parameter --limit. Known: sort.'],
  ])('%s %j is rejected', async (name, given: Record<string, string>, line) => {
    await expect(run(name, given)).rejects.toMatchObject({ kind: 'usage', fullMessage: line });
  });
});

describe('sessions in more than one currency', () => {
  const mixed = [
    { amount_paid: 1, currency: 'SEK' },
    { amount_paid: 2, currency: 'EUR' },
    { amount_paid: 3, currency: null },
    { amount_paid: 4, currency: 'EUR' },
  ];

  test.each([
    ['station_analytics', 'total_revenue'],
    ['user_usage', 'total_amount_spent'],
  ])('%s leaves out amounts without a rate, and notes it', async (name, column) => {
    await insertSessions(mixed);
    // 2 + 4 in euros, the currency of most sessions, and 3 without a currency.
    expect(await run(name)).toMatchObject({
      rows: [{ [column]: 9, currency: 'EUR', total_sessions: 4 }],
      notes: [
        "1 amount in SEK (1 day) is left out: no exchange rate. Import rates with 'wattduck ingest eurofxref-hist.csv'.",
        '1 amount without a currency counts as EUR.',
      ],
    });
    expect(await run(name, { base_currency: 'SEK' })).toMatchObject({
      rows: [{ [column]: 4, currency: 'SEK' }],
      notes: [
        '1 amount without a currency counts as SEK.',
        "2 amounts in EUR (1 day) are left out: no exchange rate. Import rates with 'wattduck ingest eurofxref-hist.csv'.",
      ],
    });
  });

  test('a chosen currency, or another base currency, works', async () => {
    await insertSessions([
      ...mixed.map((row) => ({ ...row, start_time: '2024-01-01 10:00:00' })),
      { amount_paid: 8, currency: 'SEK', start_time: '2024-02-01 10:00:00' },
    ]);
    expect((await run('station_analytics', { currency: 'EUR' })).rows).toMatchObject([
      { total_revenue: 6, currency: 'EUR', total_sessions: 2 },
    ]);
    expect((await run('station_analytics', { start_date: '2024-02-01' })).rows).toMatchObject([
      { total_revenue: null, currency: 'EUR' },
    ]);
    expect((await run('station_analytics', { start_date: '2024-02-01', base_currency: 'SEK' })).rows).toMatchObject([
      { total_revenue: 8, currency: 'SEK' },
    ]);
  });

  test('without amounts there is no currency, and no revenue', async () => {
    await insertSessions([{ energy_kwh: 1 }]);
    expect((await run('station_analytics')).rows).toMatchObject([
      { total_revenue: null, currency: null, avg_revenue_per_session: null },
    ]);
  });
});

test('money is summed exactly', async () => {
  // With binary floating point, 0.1 added ten times is 0.9999999999999999.
  await insertSessions(Array.from({ length: 10 }, () => ({ amount_paid: 0.1, currency: 'EUR' })));
  expect((await run('station_analytics')).rows).toMatchObject([{ total_revenue: 1, avg_revenue_per_session: 0.1 }]);
});

test('a total of minutes has no digits that come from adding floating-point numbers', async () => {
  // 6 and 12 seconds are 0.1 and 0.2 minutes, whose sum in floating-point numbers is 0.30000000000000004.
  await insertSessions(
    [6, 12].map((seconds, at) => ({
      user_id: `u${at}`,
      start_time: '2024-01-01 00:00:00',
      end_time: `2024-01-01 00:00:${seconds}`,
    })),
  );
  expect((await run('user_usage', { total: 'true' })).totalRow).toMatchObject({ total_minutes: 0.3 });
});
