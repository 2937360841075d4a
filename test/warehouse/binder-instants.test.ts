import { describe, expect, test } from 'vitest';
import { openEngine } from '../support/duckdb.ts';
import { bindError, parameter, values } from './bind-parameters.ts';

const { duckdb } = await openEngine();
const period = [
  parameter('from', 'TIMESTAMP', { role: 'period_start' }),
  parameter('to', 'TIMESTAMP', { role: 'period_end' }),
  parameter('as_of', 'TIMESTAMP', { role: 'now' }),
  parameter('tz', 'VARCHAR', { role: 'time_zone', default: 'UTC' }),
];
const berlin = 'Europe/Berlin';

describe('a time', () => {
  test.each([
    ['2024-01-31 23:59:59', 'UTC', '2024-01-31T23:59:59.000000Z'],
    ['2024-01-31 23:59', 'UTC', '2024-01-31T23:59:00.000000Z'],
    ['2024-01-31T10:00:00', 'UTC', '2024-01-31T10:00:00.000000Z'],
    ['2024-01-31T10:00:00.25', 'UTC', '2024-01-31T10:00:00.250000Z'],
    ['2024-01-31T10:00:00.123456', 'UTC', '2024-01-31T10:00:00.123456Z'],
    // With an offset, the time zone does not matter.
    ['2024-01-31T10:00:00Z', berlin, '2024-01-31T10:00:00.000000Z'],
    ['2024-01-31T10:00Z', berlin, '2024-01-31T10:00:00.000000Z'],
    ['2024-01-31T10:00:00+02:00', berlin, '2024-01-31T08:00:00.000000Z'],
    ['2024-01-31 10:00:00+0200', berlin, '2024-01-31T08:00:00.000000Z'],
    ['2024-01-31 10:00+02', berlin, '2024-01-31T08:00:00.000000Z'],
    ['2024-01-31T01:00:00-05:30', berlin, '2024-01-31T06:30:00.000000Z'],
    ['2024-01-01T00:30:00.5+01:00', berlin, '2023-12-31T23:30:00.500000Z'],
    // Without an offset the time is local: +1 in winter, +2 in summer.
    ['2024-01-31 10:00:00', berlin, '2024-01-31T09:00:00.000000Z'],
    ['2024-07-31T10:00', berlin, '2024-07-31T08:00:00.000000Z'],
    ['2024-03-31 01:59:59', berlin, '2024-03-31T00:59:59.000000Z'],
    ['2024-03-31 03:00:00', berlin, '2024-03-31T01:00:00.000000Z'],
    ['2024-10-27 01:59:59', berlin, '2024-10-26T23:59:59.000000Z'],
    ['2024-10-27 03:00:00', berlin, '2024-10-27T02:00:00.000000Z'],
    ['2024-01-31 10:00', 'Asia/Kolkata', '2024-01-31T04:30:00.000000Z'],
  ])('%s in %s is %s, as a start and as an end', async (text, tz, expected) => {
    expect(await values(duckdb, period, { from: text, tz })).toMatchObject({ from: expected, to: null });
    expect(await values(duckdb, period, { to: text, tz })).toMatchObject({ from: null, to: expected });
  });
});

describe('a bare date is the whole local day, to its last microsecond', () => {
  test.each([
    ['2024-01-31', 'UTC', '2024-01-31T00:00:00.000000Z', '2024-01-31T23:59:59.999999Z'],
    ['2024-02-29', 'UTC', '2024-02-29T00:00:00.000000Z', '2024-02-29T23:59:59.999999Z'],
    ['2023-12-31', 'UTC', '2023-12-31T00:00:00.000000Z', '2023-12-31T23:59:59.999999Z'],
    ['2024-01-31', berlin, '2024-01-30T23:00:00.000000Z', '2024-01-31T22:59:59.999999Z'],
    ['2024-07-31', berlin, '2024-07-30T22:00:00.000000Z', '2024-07-31T21:59:59.999999Z'],
    // 23 hours: starts at +1, ends at +2.
    ['2024-03-31', berlin, '2024-03-30T23:00:00.000000Z', '2024-03-31T21:59:59.999999Z'],
    // 25 hours: starts at +2, ends at +1.
    ['2024-10-27', berlin, '2024-10-26T22:00:00.000000Z', '2024-10-27T22:59:59.999999Z'],
    ['2024-03-10', 'America/New_York', '2024-03-10T05:00:00.000000Z', '2024-03-11T03:59:59.999999Z'],
    ['2024-01-31', 'Asia/Kolkata', '2024-01-30T18:30:00.000000Z', '2024-01-31T18:29:59.999999Z'],
    ['2024-01-31', 'Pacific/Auckland', '2024-01-30T11:00:00.000000Z', '2024-01-31T10:59:59.999999Z'],
    // No midnight on 4 November 2018 in São Paulo: the day starts at 01:00 -2, which is 00:00 -3.
    ['2018-11-03', 'America/Sao_Paulo', '2018-11-03T03:00:00.000000Z', '2018-11-04T02:59:59.999999Z'],
    ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000000Z', '2018-11-05T01:59:59.999999Z'],
    // Two midnights on 27 October 2024 in the Azores (01:00 +0 is set back to 00:00 -1): the day starts at the first.
    ['2024-10-26', 'Atlantic/Azores', '2024-10-26T00:00:00.000000Z', '2024-10-26T23:59:59.999999Z'],
    ['2024-10-27', 'Atlantic/Azores', '2024-10-27T00:00:00.000000Z', '2024-10-28T00:59:59.999999Z'],
  ])('%s in %s', async (date, tz, first, last) => {
    expect(await values(duckdb, period, { from: date, to: date, tz })).toMatchObject({ from: first, to: last });
  });

  test('for other parameters it is the start of the day', async () => {
    expect(await values(duckdb, period, { as_of: '2024-07-31', tz: berlin })).toMatchObject({
      as_of: '2024-07-30T22:00:00.000000Z',
    });
  });
});

describe('a year, quarter, month or week is a bound: its first or last moment', () => {
  test.each([
    ['2024', berlin, '2023-12-31T23:00:00.000000Z', '2024-12-31T22:59:59.999999Z'],
    ['2024-Q1', berlin, '2023-12-31T23:00:00.000000Z', '2024-03-31T21:59:59.999999Z'],
    ['2024-02', 'UTC', '2024-02-01T00:00:00.000000Z', '2024-02-29T23:59:59.999999Z'],
    ['2025-02', berlin, '2025-01-31T23:00:00.000000Z', '2025-02-28T22:59:59.999999Z'],
    // 2025 begins on a Wednesday, so week 1 begins on Monday 30 December; week 5 on 27 January.
    ['2025-W01', 'UTC', '2024-12-30T00:00:00.000000Z', '2025-01-05T23:59:59.999999Z'],
    ['2025-W05', 'UTC', '2025-01-27T00:00:00.000000Z', '2025-02-02T23:59:59.999999Z'],
    ['2020-W53', 'UTC', '2020-12-28T00:00:00.000000Z', '2021-01-03T23:59:59.999999Z'],
  ])('%s in %s', async (text, tz, first, last) => {
    expect(await values(duckdb, period, { from: text, to: text, tz })).toMatchObject({ from: first, to: last });
  });

  test('but no point in time', async () => {
    expect(await bindError(duckdb, period, { as_of: '2024-02' })).toContain('expected a date or time');
  });
});

test('now is the clock, unless it is given', async () => {
  expect(await values(duckdb, period, {})).toEqual({
    from: null,
    to: null,
    as_of: '2026-01-01T12:34:56.789000Z',
    tz: 'UTC',
  });
  expect(await values(duckdb, period, { as_of: '2025-06-01T00:00:00Z' })).toMatchObject({
    as_of: '2025-06-01T00:00:00.000000Z',
  });
});

describe('rejected values', () => {
  const reason = 'expected a date or time. Use 2024-01-31, "2024-01-31 23:59:59" or ISO 8601 with an offset.';
  test.each([
    'yesterday',
    'today',
    'now',
    'epoch',
    'infinity',
    '31.01.2024',
    '01/31/2024',
    '2024-02-30',
    '2023-02-29',
    '2024-00-10',
    '2024-13-01',
    '2024-1-31',
    '20240131',
    '2024-13',
    '2024-1',
    '2024-Q5',
    '2024-W53',
    '2024-01-31 25:00:00',
    '2024-01-31 10:60',
    '2024-01-31 10:00:60',
    '2024-01-31 10',
    '2024-01-31T',
    ' 2024-01-31',
    '2024-01-31 ',
    '',
    '1706659200',
    '2024-01-31T10:00:00 Europe/Berlin',
    '2024-01-31T10:00:00+2',
    '2024-01-31+02:00',
    "2024-01-31' or 1=1 --",
    '2024-01-31\n',
    // Offsets of 25 hours or 99 minutes do not exist.
    '2024-01-31T10:00:00+25:00',
    '2024-01-31T10:00:00+02:99',
  ])('%j', async (text) => {
    expect(await bindError(duckdb, period, { from: text })).toBe(`invalid value "${text}" for --from: ${reason}`);
  });

  test.each([
    [{ from: '2024-02-01', to: '2024-01-31' }, '--from 2024-02-01 is after --to 2024-01-31. Swap them.'],
    [
      { from: '2024-01-31 12:00', to: '2024-01-31 11:59' },
      '--from 2024-01-31 12:00 is after --to 2024-01-31 11:59. Swap them.',
    ],
    // 23:00 -5 is 04:00 of the next day.
    [
      { from: '2024-01-31T23:00:00-05:00', to: '2024-02-01T03:59:59Z' },
      '--from 2024-01-31T23:00:00-05:00 is after --to 2024-02-01T03:59:59Z. Swap them.',
    ],
    [{ from: '2024-01-31', to: '2024-01-31' }, 'taken'],
    [{ from: '2024-01-31 10:00', to: '2024-01-31 10:00' }, 'taken'],
    [{ from: '2024-01-31 23:59:59.999999', to: '2024-01-31' }, 'taken'],
  ])('a period that ends before it starts: %j', async (given, expected) => {
    expect(await bindError(duckdb, period, given)).toBe(expected);
  });

  test.each([
    ['Europe/Berln', 'invalid value "Europe/Berln" for --tz: expected an IANA time zone. Did you mean Europe/Berlin?'],
    [
      'europe/berlin',
      'invalid value "europe/berlin" for --tz: expected an IANA time zone. Did you mean Europe/Berlin?',
    ],
    [
      'EUROPE/BERLIN',
      'invalid value "EUROPE/BERLIN" for --tz: expected an IANA time zone. Did you mean Europe/Berlin?',
    ],
    ['+02:00', 'invalid value "+02:00" for --tz: expected an IANA time zone. For example: Europe/Berlin.'],
    ['', 'invalid value "" for --tz: expected an IANA time zone. For example: Europe/Berlin.'],
  ])('the zone %j', async (tz, expected) => {
    expect(await bindError(duckdb, period, { tz })).toBe(expected);
  });
});
