import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Report } from '../../src/catalog/definitions.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { literal } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

interface Session {
  station: string;
  site: string | null;
  /** Milliseconds since 1970 UTC. */
  start: number;
  /** Null while it runs. */
  end: number | null;
  kwh: number | null;
  amount: number | null;
  currency: string | null;
  tariff: string | null;
  status: string | null;
}

interface Question {
  sessions: Session[];
  from: number | undefined;
  to: number | undefined;
  by: 'start' | 'end' | 'spread';
  tz: string;
  charge_point_id: string | undefined;
  project_id: string | undefined;
}

type Rows = Record<string, unknown>[];

/** Totals that the rows of every report must give. */
type Whole = 'energy' | 'sessions' | 'sessionDays' | 'revenue' | 'paidSessions';

/** A report, and how its rows add up to the totals. */
interface Side {
  report: string;
  given?: Record<string, string>;
  /** Whether its values are rounded averages. */
  isAverage?: boolean;
  makes: Partial<Record<Whole, (rows: Rows, question: Question) => number | undefined>>;
}

const { duckdb, catalog } = await openEngine();
const stations = { A: 'north', B: 'south', C: null } as Record<string, string | null>;
const zones = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/New_York'];

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
const summed =
  (column: string) =>
  (rows: Rows): number =>
    sum(rows.map((row) => Number(row[column])));

const energyByGroup = { energy: summed('energy_kwh'), sessions: summed('session_count') };
/** A session spread over several buckets is counted in each. */
const energyByBucket = {
  energy: summed('energy_kwh'),
  sessions: (rows: Rows, { by }: Question) => (by === 'spread' ? undefined : summed('session_count')(rows)),
};
const inEuro = { given: { currency: 'EUR' } };

const sides: Side[] = [
  { report: 'energy_by_charge_point', makes: energyByGroup },
  { report: 'energy_by_project', makes: energyByGroup },
  {
    report: 'energy_trends',
    given: { granularity: 'day' },
    makes: { ...energyByBucket, sessionDays: summed('session_count') },
  },
  { report: 'energy_trends', given: { granularity: 'week' }, makes: energyByBucket },
  { report: 'energy_trends', given: { granularity: 'month' }, makes: energyByBucket },
  {
    report: 'energy_by_time_of_day',
    isAverage: true,
    makes: { energy: (rows, question) => summed('avg_energy_kwh')(rows) * days(question) },
  },
  {
    report: 'revenue_summary',
    ...inEuro,
    makes: { revenue: summed('total_revenue'), paidSessions: summed('session_count') },
  },
  {
    report: 'revenue_by_charge_point',
    ...inEuro,
    makes: { revenue: summed('revenue'), paidSessions: summed('session_count') },
  },
  {
    report: 'revenue_by_tariff',
    ...inEuro,
    makes: { revenue: summed('revenue'), paidSessions: summed('session_count') },
  },
];

const reports = new Map<string, Report>();
for (const { report } of sides) reports.set(report, await catalog.report(report));

const second = (time: number): number => Math.floor(time / 1000);
const endSecond = ({ start, end }: Session): number => Math.max(second(end ?? start), second(start) + 1);

const isCompleted = ({ start, end, kwh, status }: Session): boolean =>
  end !== null && end >= start && kwh !== null && kwh > 0 && !/^(failed|invalid)$/i.test(status ?? '');

/** The sessions of a query, completed or not. */
function chosen({ sessions, from = -Infinity, to = Infinity, by, charge_point_id, project_id }: Question): Session[] {
  const isWithin = (time: number | null): boolean => time !== null && time >= from && time <= to;
  return sessions.filter((session) => {
    const { station, site, start, end } = session;
    if (charge_point_id !== undefined && station !== charge_point_id) return false;
    if (project_id !== undefined && (site ?? stations[station]) !== project_id) return false;
    if (by === 'spread') return isWithin(start) || (end !== null && start < from && end > from);
    return isWithin(by === 'start' ? start : end);
  });
}

/** First and last second of a session; limited to the period if spread. */
function sessionTimes(session: Session, { from, to, by }: Question): [starts: number, ends: number] {
  const [starts, ends] = [second(session.start), endSecond(session)];
  if (by !== 'spread') return [starts, ends];
  return [
    Math.max(starts, from === undefined ? starts : second(from)),
    Math.min(ends, to === undefined ? ends : second(to) + 1),
  ];
}

/** Millionths of an amount that count: the difference of what is reached at the end and at the start, each rounded. */
function countedMillionths(amount: number, session: Session, asked: Question): number {
  const [start, end] = [second(session.start), endSecond(session)];
  const reachedAt = (time: number): number =>
    Math.round((time >= end ? amount : time <= start ? 0 : (amount * (time - start)) / (end - start)) * 1e6);
  const [starts, ends] = sessionTimes(session, asked);
  return reachedAt(ends) - reachedAt(starts);
}

/** Local day of an instant, counted from 1970. */
function dayIn(zone: string): (time: number) => number {
  const calendar = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
  return (time) => Date.parse(calendar.format(time)) / 86_400_000;
}

/** First and last local day of a session, as `by` assigns it. */
function daysOf(session: Session, asked: Question): [first: number, last: number] {
  const day = dayIn(asked.tz);
  const [starts, ends] = sessionTimes(session, asked);
  if (asked.by === 'spread') return [day(starts * 1000), day(Math.max(ends - 1, starts) * 1000)];
  const sessionDay = day(asked.by === 'start' ? session.start : session.end!);
  return [sessionDay, sessionDay];
}

/** Local days of the period; a missing bound comes from the sessions. */
function days(asked: Question): number {
  const [first, last] = [0, 1].map((at) =>
    chosen(asked)
      .filter(isCompleted)
      .map((session) => daysOf(session, asked)[at]!),
  );
  const day = dayIn(asked.tz);
  if (first!.length === 0) return 0;
  return (
    (asked.to === undefined ? Math.max(...last!) : day(asked.to)) -
    (asked.from === undefined ? Math.min(...first!) : day(asked.from)) +
    1
  );
}

const around = (time: number): fc.Arbitrary<number> =>
  fc.integer({ min: -90_000, max: 90_000 }).map((seconds) => time + seconds * 1000);
const instant = fc.oneof(
  fc.integer({ min: Date.UTC(2024, 0, 1) / 1000, max: Date.UTC(2024, 11, 31) / 1000 }).map((seconds) => seconds * 1000),
  // The nights of the clock changes in Europe, on the hour and with fractions of seconds.
  around(Date.UTC(2024, 2, 31, 1)),
  around(Date.UTC(2024, 9, 27, 1)).map((time) => time - (time % 3_600_000)),
  fc.integer({ min: 0, max: 8_000 }).map((milliseconds) => Date.UTC(2024, 9, 26, 22) + milliseconds),
);
const milliseconds = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 1, max: 2_000 }),
  fc.integer({ min: 1, max: 20_000 }).map((seconds) => seconds * 1000),
  fc.integer({ min: 1, max: 60 }).map((hours) => hours * 3_600_000),
);
const session: fc.Arbitrary<Session> = fc
  .record({
    station: fc.constantFrom('A', 'B', 'C', 'unknown'),
    site: fc.constantFrom(null, null, 'north', 'south', 'unknown'),
    start: instant,
    length: fc.option(milliseconds, { freq: 8 }),
    kwh: fc.option(
      fc.integer({ min: 0, max: 90_000 }).map((watt) => watt / 1000),
      { freq: 10 },
    ),
    amount: fc.option(
      fc.integer({ min: -500, max: 9_000 }).map((cents) => cents / 100),
      { freq: 5 },
    ),
    currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'GBP', null),
    tariff: fc.constantFrom('day', 'night', null),
    status: fc.constantFrom('completed', 'completed', null, 'active', 'failed', 'Invalid'),
  })
  .map(({ length, ...rest }) => ({ ...rest, end: length === null ? null : rest.start + length }));

/** A bound of a period: any instant, or one at or a second beside a start or an end. */
const bound = fc.oneof(
  instant.map((time) => () => time),
  fc
    .record({ at: fc.nat(), ofEnd: fc.boolean(), shift: fc.constantFrom(-1000, -1, 0, 0, 1, 1000) })
    .map(({ at, ofEnd, shift }) => (sessions: Session[]) => {
      const { start, end } = sessions[at % sessions.length]!;
      return (ofEnd ? (end ?? start) : start) + shift;
    }),
);
const question: fc.Arbitrary<Question> = fc
  .record({
    sessions: fc.array(session, { minLength: 1, maxLength: 14 }),
    bounds: fc.tuple(fc.option(bound, { freq: 3 }), fc.option(bound, { freq: 3 })),
    by: fc.constantFrom('start' as const, 'end' as const, 'spread' as const),
    tz: fc.constantFrom(...zones),
    charge_point_id: fc.option(fc.constantFrom('A', 'C', 'unknown'), { freq: 2, nil: undefined }),
    project_id: fc.option(fc.constantFrom('north', 'south', 'unknown'), { freq: 2, nil: undefined }),
  })
  .map(({ bounds, ...rest }) => {
    const [one, other] = bounds.map((each) => each?.(rest.sessions));
    const swapped = one !== undefined && other !== undefined && one > other;
    return { ...rest, from: swapped ? other : one, to: swapped ? one : other };
  });

const iso = (time: number | null): string =>
  time === null ? 'null' : `timestamp ${literal(new Date(time).toISOString().slice(0, -1))}`;
const text = (value: string | null): string => (value === null ? 'null' : literal(value));

beforeAll(async () => {
  const points = Object.entries(stations).map(
    ([station, site]) => `('${station}', ${text(site)}, timestamp '1970-01-01')`,
  );
  await duckdb.run(`insert into charge_points (station_id, site_id, last_updated) values ${points.join(', ')}`);
  await duckdb.run(
    `insert into sites (site_id, site_name, last_updated) values ('north', 'Nord', timestamp '1970-01-01')`,
  );
  await duckdb.run(
    `insert into tariffs (tariff_id, currency, last_updated) values ('day', 'EUR', timestamp '1970-01-01'), ('night', 'EUR', timestamp '1970-01-01')`,
  );
});

async function fill(sessions: readonly Session[]): Promise<void> {
  await duckdb.run('delete from charging_sessions');
  const rows = sessions.map(
    ({ station, site, start, end, kwh, amount, currency, tariff, status }, at) =>
      `('s${at}', '${station}', ${text(site)}, ${iso(start)}, ${iso(end)}, ${kwh}, ${amount}, ${text(currency)}, ${text(tariff)}, ${text(status)}, ${iso(start)})`,
  );
  await duckdb.run(`insert into charging_sessions (session_id, station_id, site_id, start_time, end_time, energy_kwh, amount_paid, currency, tariff_id, status, "timestamp")
    values ${rows.join(', ')}`);
}

/** The totals, counted from the sessions only. */
function wholes(asked: Question): Record<Whole, number> {
  const all = chosen(asked);
  const completed = all.filter(isCompleted);
  const inEuros = all.filter(({ currency }) => currency === 'EUR');
  return {
    energy: sum(completed.map((each) => countedMillionths(each.kwh!, each, asked))) / 1e6,
    sessions: completed.length,
    sessionDays: sum(completed.map((each) => daysOf(each, asked)).map(([first, last]) => last - first + 1)),
    revenue: sum(inEuros.map((each) => countedMillionths(each.amount ?? 0, each, asked))) / 1e6,
    paidSessions: inEuros.filter(isCompleted).length,
  };
}

async function answer(
  { report, given }: Side,
  { by, tz, from, to, charge_point_id, project_id }: Question,
): Promise<Rows> {
  const written = (time: number | undefined): string | undefined =>
    time === undefined ? undefined : new Date(time).toISOString();
  const asked = { by, tz, from: written(from), to: written(to), charge_point_id, project_id, ...given };
  return (await runReport(duckdb, reports.get(report)!, asked, { now: new Date(0), label: (name) => name })).rows;
}

test('energy, sessions and money of a period are the same in every grouping', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      await fill(asked.sessions);
      const expected = wholes(asked);
      for (const side of sides) {
        const rows = await answer(side, asked);
        for (const [whole, made] of Object.entries(side.makes)) {
          const got = made(rows, asked);
          if (got === undefined) continue;
          const difference = Math.abs(got - expected[whole as Whole]);
          // Averages have three decimals, everything else is exact; 1e-7 is for the sums of this test.
          const tolerance = side.isAverage ? (24 * days(asked) + 1) * 0.000501 : 1e-7;
          expect(difference, `${whole} of ${side.report} ${JSON.stringify(side.given ?? {})}`).toBeLessThan(tolerance);
        }
      }
    }),
    { numRuns: runs(30), seed: 20260105 },
  );
});

test('with spread, periods that follow each other add up exactly', { timeout: 240_000 }, async () => {
  const totals = async (asked: Question): Promise<number[]> => {
    const values: number[] = [];
    for (const side of sides.filter(({ isAverage }) => isAverage !== true)) {
      const rows = await answer(side, asked);
      for (const whole of ['energy', 'revenue'] as const)
        if (side.makes[whole]) values.push(Math.round(side.makes[whole](rows, asked)! * 1e6));
    }
    return values;
  };
  await fc.assert(
    fc.asyncProperty(question, instant, async ({ from: _from, to: _to, ...rest }, split) => {
      const asked = { ...rest, by: 'spread' } as Question;
      await fill(asked.sessions);
      const boundary = split - (split % 1000);
      const before = await totals({ ...asked, to: boundary - 1 });
      const after = await totals({ ...asked, from: boundary });
      expect(before.map((value, at) => value + after[at]!)).toEqual(await totals(asked));
    }),
    { numRuns: runs(40), seed: 20260106 },
  );
});
