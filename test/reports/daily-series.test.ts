import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RawParameters } from '../../src/catalog/definitions.ts';
import { runs } from '../support/runs.ts';
import { createReportRunner, type SessionRow } from '../warehouse/report-runner.ts';

const daily = (view: string): string => `/*---
title: ${view}
description: A daily series.
columns: { series: { description: Of }, day: { description: Day }, value: { description: Value }, active: { description: Active } }
key: [series, day]
sort: { default: series, allow: [] }
page: { kind: none }
answer: { shape: tinybird }
---*/
select series, day, value, active from ${view}
`;
const { duckdb, run, insertSessions } = await createReportRunner({
  revenue: daily('daily_revenue'),
  energy: daily('daily_energy'),
  sessions: daily('daily_sessions'),
});

beforeAll(() =>
  duckdb.run(
    "insert into charge_points (station_id, charge_point_name, site_id, vendor, model, last_updated) values ('A', 'A', 'north', 'V', 'M', '2024-01-01'), ('B', 'B', 'south', 'V', 'M', '2024-01-01')",
  ),
);

/** A completed session of one hour. */
const at = (start_time: string, more: Partial<SessionRow> = {}): Partial<SessionRow> => ({
  start_time,
  end_time: new Date(Date.parse(`${start_time}Z`) + 3_600_000).toISOString().slice(0, 19).replace('T', ' '),
  energy_kwh: 10,
  amount_paid: 3,
  currency: 'EUR',
  ...more,
});

const rowsOf = async (name: string, given: RawParameters): Promise<string[]> =>
  (await run(name, given)).rows.map(({ series, day, value, active }) =>
    [...(series === '' ? [] : [series]), String(day).slice(5), value, active].join(' '),
  );

describe('days', () => {
  test('go from the first session to the last complete day, with 0 for days without sessions', async () => {
    await insertSessions([
      at('2024-01-01 10:00:00'),
      at('2024-01-01 12:00:00', { amount_paid: 1.5 }),
      at('2024-01-04 23:59:59', { amount_paid: 5 }),
    ]);
    expect(await rowsOf('revenue', { as_of: '2024-01-06' })).toEqual([
      '01-01 4.5 1',
      '01-02 0 1',
      '01-03 0 1',
      '01-04 5 1',
      '01-05 0 1',
    ]);
    expect(await rowsOf('energy', { as_of: '2024-01-05' })).toEqual([
      '01-01 20 1',
      '01-02 0 1',
      '01-03 0 1',
      '01-04 10 1',
    ]);
    expect(await rowsOf('sessions', { as_of: '2024-01-05' })).toEqual([
      '01-01 2 1',
      '01-02 0 1',
      '01-03 0 1',
      '01-04 1 1',
    ]);
  });

  test.each([
    ['2024-01-05 23:59:59', 'UTC', '01-04'],
    ['2024-01-06 00:00:00', 'UTC', '01-05'],
    ['2024-01-05T22:59:59Z', 'Europe/Berlin', '01-04'],
    ['2024-01-05T23:00:00Z', 'Europe/Berlin', '01-05'],
    ['2024-01-06T04:59:59Z', 'America/New_York', '01-04'],
  ])('end as of %s in %s with %s', async (as_of, tz, last) => {
    await insertSessions([at('2024-01-01 10:00:00')]);
    expect((await rowsOf('sessions', { as_of, tz })).at(-1)).toBe(`${last} 0 1`);
  });

  test('are empty if none is complete', async () => {
    await insertSessions([at('2024-01-05 10:00:00')]);
    expect(await rowsOf('revenue', { as_of: '2024-01-05 23:59:59' })).toEqual([]);
    await insertSessions([]);
    expect(await rowsOf('revenue', { as_of: '2024-01-05' })).toEqual([]);
  });

  test('ignore sessions after as_of, and their currency', async () => {
    await insertSessions([at('2024-01-01 10:00:00'), at('2024-01-03 10:00:00', { currency: 'GBP' })]);
    expect(await rowsOf('revenue', { as_of: '2024-01-03 09:59:59' })).toEqual(['01-01 3 1', '01-02 0 1']);
  });

  test('cover at most ten years', async () => {
    await insertSessions([at('2014-01-03 23:59:59'), at('2014-01-04 00:00:00'), at('2024-01-01 10:00:00')]);
    // 2016 and 2020 have one more day: 3 January to 3 January is 3,652 days, and the first is omitted.
    for (const as_of of ['2024-01-03', '2024-01-03 12:00']) {
      const rows = await rowsOf('sessions', { as_of });
      expect([rows.length, rows[0], rows.at(-1)]).toEqual([3651, '01-04 1 1', '01-02 0 1']);
    }
  });
});

describe('a local day', () => {
  test.each([
    // Clocks in Berlin go forward on 31 March at 01:00 UTC, and back on 27 October.
    [
      'of 23 hours',
      'Europe/Berlin',
      ['2024-03-30 22:59:59', '2024-03-30 23:00:00', '2024-03-31 21:59:59', '2024-03-31 22:00:00'],
      '2024-04-02',
      ['03-30 1', '03-31 2', '04-01 1'],
    ],
    [
      'of 25 hours',
      'Europe/Berlin',
      ['2024-10-26 21:59:59', '2024-10-26 22:00:00', '2024-10-27 22:59:59', '2024-10-27 23:00:00'],
      '2024-10-29',
      ['10-26 1', '10-27 2', '10-28 1'],
    ],
    [
      'half an hour off',
      'Asia/Kolkata',
      ['2024-01-01 18:29:59', '2024-01-01 18:30:00'],
      '2024-01-03',
      ['01-01 1', '01-02 1'],
    ],
    [
      'a quarter of an hour off',
      'Asia/Kathmandu',
      ['2024-01-01 18:14:59', '2024-01-01 18:15:00'],
      '2024-01-03',
      ['01-01 1', '01-02 1'],
    ],
    ['of UTC', 'UTC', ['2024-01-01 23:59:59', '2024-01-02 00:00:00'], '2024-01-03', ['01-01 1', '01-02 1']],
  ])('%s', async (_, tz, starts, as_of, expected) => {
    await insertSessions(starts.map((start) => at(start)));
    expect(await rowsOf('sessions', { as_of, tz })).toEqual(expected.map((each) => `${each} 1`));
  });
});

describe('what counts', () => {
  test('revenue of all sessions, energy and count of completed ones, days from the first of any', async () => {
    await insertSessions([
      at('2024-01-01 10:00:00', { end_time: null, amount_paid: 2 }),
      at('2024-01-02 10:00:00', { energy_kwh: 0, amount_paid: 1 }),
      at('2024-01-03 10:00:00', { amount_paid: null, currency: null }),
      at('2024-01-04 10:00:00', { end_time: '2024-01-04 09:00:00' }),
    ]);
    const given = { as_of: '2024-01-05' };
    expect(await rowsOf('revenue', given)).toEqual(['01-01 2 1', '01-02 1 1', '01-03 0 1', '01-04 3 1']);
    expect(await rowsOf('energy', given)).toEqual(['01-01 0 1', '01-02 0 1', '01-03 10 1', '01-04 0 1']);
    expect(await rowsOf('sessions', given)).toEqual(['01-01 0 1', '01-02 0 1', '01-03 1 1', '01-04 0 1']);
  });

  test('amounts in another currency are left out without a rate, unless it is chosen', async () => {
    await insertSessions([
      at('2024-01-01 10:00:00', { currency: 'GBP' }),
      at('2024-01-02 10:00:00', { station_id: 'B' }),
      at('2024-01-03 10:00:00', { currency: 'USD', amount_paid: null }),
    ]);
    // EUR, GBP and USD have a session each: the first by code is the base currency.
    expect(await rowsOf('revenue', { as_of: '2024-01-04' })).toEqual(['01-01 0 1', '01-02 3 2', '01-03 0 2']);
    expect(await rowsOf('revenue', { as_of: '2024-01-04', base_currency: 'GBP' })).toEqual([
      '01-01 3 1',
      '01-02 0 2',
      '01-03 0 2',
    ]);
    // One charge point has sessions in euros, from the 2nd on.
    expect(await rowsOf('revenue', { as_of: '2024-01-05', currency: 'EUR' })).toEqual([
      '01-02 3 1',
      '01-03 0 1',
      '01-04 0 1',
    ]);
    expect(await rowsOf('revenue', { as_of: '2024-01-04', charge_point_id: 'A' })).toEqual([
      '01-01 0 1',
      '01-02 0 1',
      '01-03 0 1',
    ]);
    expect(await rowsOf('sessions', { as_of: '2024-01-04' })).toEqual(['01-01 1 1', '01-02 1 2', '01-03 1 2']);
  });

  test('a charge point, or a site: its sessions, and sessions without a site of its charge points', async () => {
    await insertSessions([
      at('2024-01-01 10:00:00'),
      at('2024-01-02 10:00:00', { station_id: 'B' }),
      at('2024-01-02 12:00:00', { station_id: 'C' }),
    ]);
    await duckdb.run("update charging_sessions set site_id = 'south' where station_id = 'A'");
    expect(await rowsOf('sessions', { as_of: '2024-01-03', by: 'charge_point' })).toEqual([
      'A 01-01 1 1',
      'A 01-02 0 1',
      'B 01-02 1 1',
      'C 01-02 1 1',
    ]);
    // The session of A is at south; C has no site, so its series has no name.
    expect(await rowsOf('sessions', { as_of: '2024-01-03', by: 'project' })).toEqual([
      '01-02 1 1',
      'south 01-01 1 1',
      'south 01-02 1 2',
    ]);
    expect(await rowsOf('sessions', { as_of: '2024-01-03', project_id: 'south' })).toEqual(['01-01 1 1', '01-02 1 2']);
  });
});

describe('active', () => {
  /** Periods with the same number of active charge points. */
  const spans = async (given: RawParameters): Promise<string[]> => {
    const found: [first: string, last: string, active: unknown][] = [];
    for (const { day, active } of (await run('sessions', given)).rows) {
      const last = found.at(-1);
      if (last && last[2] === active) last[1] = String(day).slice(5);
      else found.push([String(day).slice(5), String(day).slice(5), active]);
    }
    return found.map(([first, last, active]) => `${first}–${last} ${active}`);
  };

  test('means a session on the day or in the 27 days before', async () => {
    await insertSessions([
      at('2024-01-01 10:00:00'),
      at('2024-01-10 10:00:00', { station_id: 'B' }),
      at('2024-02-20 10:00:00', { station_id: 'B' }),
    ]);
    // A until 28 January; B until 6 February, and from 20 February to 18 March (2024 is a leap year).
    expect(await spans({ as_of: '2024-04-01' })).toEqual([
      '01-01–01-09 1',
      '01-10–01-28 2',
      '01-29–02-06 1',
      '02-07–02-19 0',
      '02-20–03-18 1',
      '03-19–03-31 0',
    ]);
    // The number on 25 January does not depend on later days.
    expect(await spans({ as_of: '2024-01-25' })).toEqual(['01-01–01-09 1', '01-10–01-24 2']);
  });

  test('counts a charge point once, however often it is used', async () => {
    await insertSessions([
      at('2024-01-05 08:00:00'),
      at('2024-01-05 09:00:00', { currency: 'GBP' }),
      at('2024-01-20 10:00:00'),
      at('2024-02-17 10:00:00'),
    ]);
    // Active from 20 January to 16 February; the session on the 17th continues it without a gap.
    expect(await spans({ as_of: '2024-04-01' })).toEqual(['01-05–03-15 1', '03-16–03-31 0']);
  });
});

test('the series match a simple count, for random sessions, time zones and series', async () => {
  const dayIn = (tz: string, instant: number): string =>
    new Intl.DateTimeFormat('en-CA', { timeZone: tz, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
      instant,
    );
  const number = (day: string): number => Date.parse(day) / 86_400_000;
  const sites: Record<string, string> = { A: 'north', B: 'south', C: '' };
  const [first, span] = [Date.parse('2024-01-01T00:00:00Z') / 1000, 150 * 86_400];
  const session = fc.record({ station: fc.constantFrom('A', 'B', 'C'), second: fc.nat(span), cents: fc.nat(2000) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(session, { maxLength: 25 }),
      fc.nat(span),
      fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns'),
      fc.constantFrom(undefined, 'charge_point', 'project'),
      async (all, until, tz, by) => {
        await insertSessions(
          all.map(({ station, second, cents }) =>
            at(new Date((first + second) * 1000).toISOString().slice(0, 19).replace('T', ' '), {
              station_id: station,
              amount_paid: cents / 100,
            }),
          ),
        );
        const known = all.map(({ station, second, cents }) => ({
          of: by === 'charge_point' ? station : by === 'project' ? sites[station]! : '',
          station,
          cents,
          day: number(dayIn(tz, (first + second) * 1000)),
          isKnown: second <= until,
        }));
        const today = number(dayIn(tz, (first + until) * 1000));
        const over = known.filter(({ day, isKnown }) => isKnown && day < today);
        const expected = [...new Set(over.map(({ of }) => of))].toSorted().flatMap((of) => {
          const own = over.filter((each) => each.of === of);
          const begins = Math.min(...own.map(({ day }) => day));
          return Array.from({ length: today - begins }, (_, n) => begins + n).map((day) => ({
            series: of,
            day: new Date(day * 86_400_000).toISOString().slice(0, 10),
            value: own.filter((each) => each.day === day).reduce((sum, { cents }) => sum + cents, 0) / 100,
            active: new Set(own.filter((each) => each.day <= day && each.day > day - 28).map(({ station }) => station))
              .size,
          }));
        });
        const { rows } = await run('revenue', {
          as_of: new Date((first + until) * 1000).toISOString().slice(0, 19) + 'Z',
          tz,
          by,
        });
        expect(rows).toEqual(expected);
      },
    ),
    { numRuns: runs(60) },
  );
});
