import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { runReport, type Answer } from '../../src/reports/run-report.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

interface Session {
  station: string;
  connector: string | null;
  site: string | null;
  user: string | null;
  /** Seconds since the origin. */
  start: number;
  seconds: number;
  isRunning: boolean;
  kwh: number | null;
  cents: number | null;
  status: string | null;
  reason: string | null;
  /** EUR by default. */
  currency?: string;
}

const { duckdb, catalog } = await openEngine();
const names = [
  'peak_load',
  'utilisation_by_hour',
  'utilisation_by_weekday',
  'station_analytics',
  'monthly_statement',
  'failed_sessions',
  'energy_by_charge_point',
];
const reports = new Map<string, Report>();

// Two days before the clock and the month change in Berlin.
const origin = Date.UTC(2024, 2, 29) / 1000;
const span = 4 * 86_400;
const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Kiritimati'];
/** Site of charge points that have one. */
const siteOf: Record<string, string> = { A: 'south' };

beforeAll(async () => {
  for (const name of names) reports.set(name, await catalog.report(name));
  await duckdb.run(
    `insert into charge_points (station_id, site_id, last_updated) values ('A', 'south', timestamp '1970-01-01')`,
  );
  await duckdb.run(
    `insert into connectors (station_id, connector_id, evse_id, last_updated) values ('A', '1', null, timestamp '1970-01-01'),
      ('A', '2', 'E2', timestamp '1970-01-01'), ('A', '3', 'E2', timestamp '1970-01-01')`,
  );
});

// Often on quarter-hours, so that ends coincide with starts and both with midnight.
const second = fc.oneof(
  fc.integer({ min: 0, max: span }),
  fc.integer({ min: 0, max: span / 900 }).map((quarter) => quarter * 900),
);

const session: fc.Arbitrary<Session> = fc.record({
  station: fc.constantFrom('A', 'B', 'C'),
  connector: fc.constantFrom('1', '2', '3', '9', null, null, null),
  site: fc.constantFrom('north', 'south', null),
  user: fc.constantFrom('ann', 'bob', null),
  start: second,
  seconds: fc.oneof(fc.constantFrom(0, 900, 1800, 3600, 86_400), fc.integer({ min: 0, max: 200_000 })),
  isRunning: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
  kwh: fc.oneof(
    fc.constant(null),
    fc.constant(0),
    fc.integer({ min: 1, max: 90_000 }).map((watt) => watt / 1000),
  ),
  cents: fc.option(fc.integer({ min: 0, max: 10_000 })),
  status: fc.constantFrom('completed', 'failed', 'Invalid', null),
  reason: fc.constantFrom('Local', 'PowerLoss', null),
});

const sessions = fc.array(session, { minLength: 1, maxLength: 8 });

// Short sessions within an hour: their peaks come and go between two quarter-hours.
const rush = fc.array(
  fc
    .tuple(session, fc.integer({ min: 90_000, max: 93_600 }), fc.integer({ min: 1, max: 1200 }))
    .map(([each, start, seconds]): Session => ({ ...each, start, seconds, isRunning: false })),
  { minLength: 2, maxLength: 10 },
);

const bounds = fc
  .record({ ends: fc.tuple(fc.option(second), fc.option(second)), asOf: fc.oneof(fc.constant(10 * span), second) })
  .map(({ ends: [one, other], asOf }) => {
    const [from, to] = one !== null && other !== null ? [Math.min(one, other), Math.max(one, other)] : [one, other];
    return { from, to, asOf };
  });

const written = (at: number): string => new Date((origin + at) * 1000).toISOString().slice(0, 19).replace('T', ' ');

async function store(all: readonly Session[]): Promise<void> {
  const text = (value: string | null): string => (value === null ? 'null' : `'${value}'`);
  const rows = all.map(
    ({ station, connector, site, user, start, seconds, isRunning, kwh, cents, status, reason, currency = 'EUR' }, at) =>
      `('s${at}', '${station}', ${text(connector)}, ${text(site)}, ${text(user)}, timestamp '${written(start)}', ${isRunning ? 'null' : `timestamp '${written(start + seconds)}'`},
      ${kwh}, ${cents === null ? 'null' : cents / 100}, ${cents === null ? 'null' : text(currency)}, ${text(status)}, ${text(reason)}, timestamp '${written(start)}')`,
  );
  await duckdb.run('delete from charging_sessions');
  await duckdb.run(`insert into charging_sessions (session_id, station_id, connector_id, site_id, user_id, start_time, end_time, energy_kwh, amount_paid, currency, status, stop_reason, "timestamp")
    values ${rows.join(', ')}`);
}

function answer(name: string, { from, to, asOf, ...given }: Record<string, number | string | null>): Promise<Answer> {
  const times = Object.entries({ from, to, as_of: asOf }).filter(([, at]) => typeof at === 'number');
  // Read as UTC whatever the time zone of the report.
  const texts = times.map(([key, at]): [string, string] => [key, `${written(at as number)}Z`.replace(' ', 'T')]);
  return runReport(
    duckdb,
    reports.get(name)!,
    { ...Object.fromEntries(texts), ...(given as Record<string, string>) },
    { now: new Date(0), label: (label) => label },
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
const isDone = ({ isRunning, kwh, status }: Session): boolean =>
  !isRunning && (kwh ?? 0) > 0 && status !== 'failed' && status !== 'Invalid';

/** Known duration of a session at asOf, to the second after its last; one of 0 seconds lasts one. */
/** Sessions with the length they count: without an end, until the connector's next session or for some hours at most. */
const withStays = (all: readonly Session[], hours: number): Session[] =>
  all.map((each) => {
    if (!each.isRunning) return each;
    const later = all
      .filter(
        ({ station, connector, start }) =>
          station === each.station && connector === each.connector && start > each.start,
      )
      .map(({ start }) => start - each.start);
    return { ...each, seconds: Math.min(hours * 3600, ...later) };
  });
const openHours = fc.constantFrom(24, 24, 2, 0);

const ranTo = ({ start, seconds }: Session, asOf: number): number => Math.min(start + Math.max(seconds, 1), asOf + 1);

const meets = (each: Session, from: number | null, to: number | null): boolean =>
  (from === null || each.start >= from || each.start + each.seconds > from) && (to === null || each.start <= to);

/** Peaks per site and local day, from every second with a start and every quarter-hour. */
function sweep(all: readonly Session[], zone: string, from: number | null, to: number | null, asOf: number): string[] {
  const chosen = all.filter((each) => meets(each, from, to) && each.start <= asOf);
  if (chosen.length === 0) return [];
  const dayOf = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  const cut = Math.min(to ?? Infinity, asOf) + 1;
  const loads = chosen.map((each) => {
    const whole = each.isRunning ? Math.min(asOf - each.start, each.seconds) : each.seconds;
    const power = whole > 0 ? Math.round(((each.kwh ?? 0) * 3_600_000_000) / whole) : 0;
    return {
      site: each.site ?? siteOf[each.station] ?? null,
      starts: Math.max(each.start, from ?? each.start),
      ends: Math.min(ranTo(each, asOf), cut),
      // Above 4,000 kW, the times must be wrong.
      power: power > 4_000_000_000 ? 0 : power,
    };
  });
  // No day before the first or after the last session of all sites.
  const dataEnd = Math.max(...all.map(({ start, seconds }) => start + Math.max(seconds, 1) - 1));
  const dataStart = Math.min(...all.map(({ start }) => start));
  const first = from === null ? Math.min(...loads.map(({ starts }) => starts)) : Math.max(from, dataStart);
  const last = to === null ? Math.max(...loads.map(({ ends }) => ends)) - 1 : Math.min(cut - 1, dataEnd);
  const quarters = Array.from(
    { length: Math.max(Math.floor((last - first) / 900) + 2, 0) },
    (_, at) => (Math.ceil(first / 900) + at) * 900,
  );
  const moments = [...new Set([first, ...loads.map(({ starts }) => starts), ...quarters])]
    .filter((at) => at <= last)
    .toSorted((one, other) => one - other);
  const peaks = new Map<string, { most: number; mostAt: string | null; power: number; powerAt: string | null }>();
  for (const site of new Set(loads.map((load) => load.site))) {
    for (const moment of moments) {
      const key = `${site} ${dayOf.format((origin + moment) * 1000)}`;
      const peak = peaks.get(key) ?? { most: 0, mostAt: null, power: 0, powerAt: null };
      const running = loads.filter((load) => load.site === site && load.starts <= moment && moment < load.ends);
      const power = sum(running.map((load) => load.power));
      if (running.length > peak.most) Object.assign(peak, { most: running.length, mostAt: written(moment) });
      if (power > peak.power) Object.assign(peak, { power, powerAt: written(moment) });
      peaks.set(key, peak);
    }
  }
  return [...peaks]
    .map(([key, { most, mostAt, power, powerAt }]) => `${key}: ${most} at ${mostAt}, ${power} mW at ${powerAt}`)
    .toSorted();
}

test('peak load matches a check of every moment', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(sessions, rush),
      fc.constantFrom(...zones),
      bounds,
      openHours,
      async (all, tz, { from, to, asOf }, hours) => {
        await store(all);
        const { rows } = await answer('peak_load', {
          from,
          to,
          asOf,
          tz,
          granularity: 'day',
          open_session_hours: String(hours),
        });
        const found = rows.map(
          (row) =>
            `${row['project_id']} ${row['period']}: ${row['peak_sessions']} at ${row['peak_sessions_at']}, ${Math.round(Number(row['peak_power_kw']) * 1e6)} mW at ${row['peak_power_at']}`,
        );
        expect(found.toSorted()).toEqual(sweep(withStays(all, hours), tz, from, to, asOf));
      },
    ),
    { numRuns: runs(100), seed: 20260101 },
  );
});

/** Port of a session: A has port 1, and port E2 with the connectors 2 and 3. A session without a connector is at the only port. */
function portOf({ station, connector }: Session, named: readonly string[]): string {
  if (connector === null) return station !== 'A' && named.length === 1 ? named[0]! : 'none';
  return station === 'A' && '23'.includes(connector) ? 'E2' : connector;
}

/** Seconds that are occupied, one flag each: sessions that overlap set the same flags. */
function flags(cuts: readonly (readonly [starts: number, ends: number])[], length: number): Uint8Array {
  const seconds = new Uint8Array(length);
  for (const [starts, ends] of cuts) if (ends > starts) seconds.fill(1, starts, ends);
  return seconds;
}

const utilisationBounds = bounds.map((each) => ({ ...each, asOf: Math.min(each.asOf, 2 * span) }));

/** Reports of plugged-in time by a part of the local calendar: its column, the numbers it has, and the one of a time. */
const parts = [
  {
    report: 'utilisation_by_hour',
    column: 'hour',
    numbers: Array.from({ length: 24 }, (_, hour) => hour),
    format: (tz: string) => new Intl.DateTimeFormat('en-GB', { timeZone: tz, hour: '2-digit', hourCycle: 'h23' }),
    toNumber: Number,
  },
  {
    report: 'utilisation_by_weekday',
    column: 'weekday',
    numbers: [1, 2, 3, 4, 5, 6, 7],
    format: (tz: string) => new Intl.DateTimeFormat('en-GB', { timeZone: tz, weekday: 'short' }),
    toNumber: (day: string) => ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'].indexOf(day) + 1,
  },
];

test.each(parts)('plugged-in time of $report is the time with a session at each port', async (part) => {
  await fc.assert(
    fc.asyncProperty(
      sessions,
      fc.constantFrom(...zones),
      utilisationBounds,
      openHours,
      async (all, tz, { from, to, asOf }, openFor) => {
        await store(all);
        const { rows } = await answer(part.report, {
          from,
          to,
          asOf,
          tz,
          open_session_hours: String(openFor),
        });
        const chosen = withStays(all, openFor)
          .filter((each) => meets(each, from, to) && each.start <= asOf)
          .map((each) => ({
            ...each,
            starts: Math.max(each.start, from ?? each.start),
            ends: Math.min(each.start + each.seconds, to === null ? asOf : to + 1, asOf),
          }));
        const first = from ?? Math.min(...chosen.map(({ starts }) => starts));
        const last = Math.min(to === null ? Math.max(...chosen.map(({ ends }) => ends)) : to + 1, asOf);
        const localTime = part.format(tz);
        const partOf = Array.from({ length: Math.ceil((3 * span) / 900) }, (_, quarter) =>
          part.toNumber(localTime.format((origin + quarter * 900) * 1000)),
        );
        for (const station of new Set(['A', ...chosen.map((each) => each.station)])) {
          const own = chosen.filter((each) => each.station === station);
          const named = [...new Set(own.flatMap(({ connector }) => connector ?? []))];
          const count = station === 'A' ? 2 : Math.max(named.length, 1);
          const [plugged, available] = [0, 0].map(() => Array.from({ length: 24 }, () => 0)) as [number[], number[]];
          for (const port of new Set(own.map((each) => portOf(each, named)))) {
            const cuts = own
              .filter((each) => portOf(each, named) === port)
              .map(({ starts, ends }) => [starts, ends] as const);
            flags(cuts, 3 * span).forEach((flag, at) => (plugged[partOf[Math.floor(at / 900)]!]! += flag));
          }
          if (Number.isFinite(first) && Number.isFinite(last))
            for (let at = first; at < last; at = Math.min((Math.floor(at / 900) + 1) * 900, last))
              available[partOf[Math.floor(at / 900)]!]! +=
                (Math.min((Math.floor(at / 900) + 1) * 900, last) - at) * count;
          const listed = rows.filter((row) => row['charge_point_id'] === station);
          expect(listed.map((row) => row['connectors'])).toEqual(part.numbers.map(() => count));
          expect(listed.map((row) => row[part.column])).toEqual(part.numbers);
          for (const row of listed) {
            const number = Number(row[part.column]);
            // Only contradictory data, with more connectors in sessions than the charge point has, reaches the limit.
            const minutes = Math.min(plugged[number]!, available[number]!) / 60;
            expect(Number(row['plugged_in_minutes'])).toBeCloseTo(minutes, 2);
            expect(Number(row['connector_minutes'])).toBeCloseTo(available[number]! / 60, 2);
            if (available[number] === 0) expect(row['utilisation']).toBeNull();
            else expect(Number(row['utilisation'])).toBeCloseTo((60 * minutes) / available[number]!, 5);
          }
        }
      },
    ),
    { numRuns: runs(60), seed: 20260102 },
  );
});

test('the utilisation of a station is the share of the period with a session, whatever by and currency', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, bounds, fc.constantFrom('EUR', 'CHF'), async (all, { from, to }, currency) => {
      // A chosen currency is not mixed with the other one, so sessions of both can be stored.
      const mixed = all.map((each, at) => ({ ...each, currency: at % 2 === 0 ? 'EUR' : 'CHF' }));
      await store(mixed);
      const stays = withStays(mixed, 24);
      const period = Object.entries({ start_date: from, end_date: to }).flatMap(([name, at]) =>
        at === null ? [] : [[name, `${written(at).replace(' ', 'T')}Z`]],
      );
      const met = stays.filter((each) => meets(each, from, to));
      const first = from ?? Math.min(...met.map(({ start }) => start));
      const last = to === null ? Math.max(...met.map(({ start, seconds }) => start + seconds)) : to + 1;
      const expected = (station: string): number | null => {
        const cuts = met
          .filter((each) => each.station === station)
          .map(({ start, seconds }) => [Math.max(start, first), Math.min(start + seconds, last)] as const);
        return last > first ? sum([...flags(cuts, 3 * span)]) / (last - first) : null;
      };
      const byHour = await answer('utilisation_by_hour', { from, to, asOf: 10 * span, tz: 'UTC' });
      for (const by of ['start', 'end', 'spread']) {
        const { rows } = await answer('station_analytics', {
          ...Object.fromEntries(period),
          by,
          currency,
          asOf: 10 * span,
        });
        expect(new Set(rows.map((row) => row['station_id'])).size).toBe(rows.length);
        for (const { station_id: station, utilisation } of rows) {
          const share = expected(String(station));
          if (share === null) {
            expect(utilisation).toBeNull();
            continue;
          }
          expect([station, by, Number(utilisation)]).toEqual([station, by, expect.closeTo(share, 6)]);
          expect(Number(utilisation)).toBeLessThanOrEqual(1);
          // With one connector, the other report agrees; with several, each is occupied at most as long as the station.
          const hours = byHour.rows.filter((row) => row['charge_point_id'] === station);
          const [plugged, available] = ['plugged_in_minutes', 'connector_minutes'].map((name) =>
            sum(hours.map((row) => Number(row[name]))),
          );
          if (hours[0]?.['connectors'] === 1) expect(plugged! / available!).toBeCloseTo(share, 4);
          else expect(plugged! / available!).toBeLessThanOrEqual(share + 1e-9);
        }
      }
    }),
    { numRuns: runs(60), seed: 20260105 },
  );
});

test('monthly statements add up to the total of the period, by start, by end and spread', async () => {
  await fc.assert(
    fc.asyncProperty(
      sessions,
      fc.constantFrom(...zones),
      fc.constantFrom('start', 'end', 'spread'),
      bounds,
      async (all, tz, by, { from, to }) => {
        await store(all);
        const { rows, totals } = await answer('monthly_statement', { from, to, tz, by });
        const shares = all.map((each) => {
          const at = by === 'end' ? each.start + each.seconds : each.start;
          if (by !== 'spread')
            return (by !== 'end' || !each.isRunning) && at >= (from ?? -Infinity) && at <= (to ?? Infinity) ? 1 : 0;
          const ends = each.start + (each.isRunning ? 1 : Math.max(each.seconds, 1));
          return meets(each, from, to)
            ? Math.max(Math.min(ends, (to ?? Infinity) + 1) - Math.max(each.start, from ?? -Infinity), 0) /
                (ends - each.start)
            : 0;
        });
        for (const user of ['ann', 'bob', null]) {
          const own = all.map((each, at) => ({ ...each, share: shares[at]! })).filter((each) => each.user === user);
          const listed = rows.filter((row) => row['id'] === user);
          const column = (name: string): number => sum(listed.map((row) => Number(row[name])));
          const done = own.filter(isDone);
          // A session clipped by the period is rounded once, to a millionth; whole ones are exact.
          const expectRounded = (
            name: string,
            counted: typeof own,
            millionths: (one: (typeof own)[0]) => number,
          ): void => {
            const cut = counted.filter(({ share }) => share > 0 && share < 1).length;
            const difference = Math.round(column(name) * 1e6) - sum(counted.map(millionths));
            expect(Math.abs(difference), name).toBeLessThanOrEqual(cut * 0.500001 + 1e-6);
          };
          expectRounded('energy_kwh', done, ({ kwh, share }) => kwh! * 1_000_000 * share);
          expect(column('total_minutes')).toBeCloseTo(sum(done.map(({ seconds, share }) => (seconds * share) / 60)), 1);
          expectRounded('total_amount', own, ({ cents, share }) => (cents ?? 0) * 10_000 * share);
          if (by !== 'spread') expect(column('session_count')).toBe(done.filter(({ share }) => share > 0).length);
          else expect(column('session_count')).toBeGreaterThanOrEqual(done.filter(({ share }) => share > 0).length);
        }
        expect(Number(totals['total_energy_kwh'])).toBeCloseTo(sum(rows.map((row) => Number(row['energy_kwh']))), 6);
        expect(new Set(rows.map((row) => `${row['month']} ${row['id']}`)).size).toBe(rows.length);
      },
    ),
    { numRuns: runs(80), seed: 20260103 },
  );
});

test('failed, completed and running sessions are all sessions', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, bounds, async (all, { from, to }) => {
      await store(all);
      const failed = await answer('failed_sessions', { from, to });
      const completed = await answer('energy_by_charge_point', { from, to });
      const chosen = all.filter(({ start }) => start >= (from ?? -Infinity) && start <= (to ?? Infinity));
      const running = chosen.filter(({ isRunning }) => isRunning).length;
      expect(
        Number(failed.totals['total_failed_sessions']) + Number(completed.totals['total_sessions']) + running,
      ).toBe(chosen.length);
      for (const row of failed.rows) {
        const ended = chosen.filter(({ station, isRunning }) => station === row['charge_point_id'] && !isRunning);
        expect(row['ended_sessions']).toBe(ended.length);
        expect(row['failed_sessions']).toBe(
          ended.filter((each) => !isDone(each) && each.reason === row['reason']).length,
        );
      }
    }),
    { numRuns: runs(60), seed: 20260104 },
  );
});
