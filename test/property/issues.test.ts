import fc from 'fast-check';
import { expect, test } from 'vitest';
import { literal } from '../../src/warehouse/duckdb.ts';
import { minCount, runs } from '../support/runs.ts';
import { createReportRunner } from '../warehouse/report-runner.ts';

type Row = Record<string, unknown>;
type Values = Record<string, string | number | boolean | null>;

/** Rows by table; time-dependent rows have a `minute`. */
interface History {
  events: (Values & { minute: number })[];
  sessions: (Values & { minute: number; ends: number })[];
  releases: (Values & { minute: number })[];
  points: Values[];
}

const { duckdb, run } = await createReportRunner({});
const last = 600;
const moment = (minute: number): string =>
  new Date(Date.UTC(2025, 5, 1) + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ');
const minute = fc.integer({ min: 0, max: last });
const station = fc.constantFrom('A', 'B');

const event = fc.record({
  minute,
  station_id: station,
  event_type: fc.constantFrom('disconnect', 'disconnect', 'connect', 'heartbeat', 'heartbeat', 'status', 'Disconnect'),
  heartbeat_interval_seconds: fc.constantFrom(null, null, 60, 600),
});
const status = fc.record({
  minute,
  station_id: station,
  event_type: fc.constant('status'),
  connector_id: fc.constantFrom('1', '2', '0', null),
  status: fc.constantFrom('Faulted', 'Faulted', 'Available', 'Charging'),
  error_code: fc.constantFrom(null, 'NoError', 'GroundFailure'),
});
const firmware = fc.record({
  minute,
  station_id: station,
  event_type: fc.constant('firmware'),
  firmware_version: fc.constantFrom('1', '2', '3', 'own'),
});
const session = fc.record({
  minute,
  station_id: station,
  length: fc.integer({ min: 0, max: 90 }),
  connector_id: fc.constantFrom('1', '1', null),
  energy_kwh: fc.constantFrom(0, 0, 0, 10),
  meter_start: fc.constant(0),
  meter_stop: fc.constantFrom(0, 10_000, 10_200, -5),
  amount_paid: fc.constantFrom(null, 5, 6),
  invalid_meter_reading: fc.constantFrom(null, false, true),
});
const history: fc.Arbitrary<History> = fc.record({
  events: fc
    .array(fc.oneof(event, status, firmware), { minLength: 20, maxLength: 45, size: 'max' })
    .map((list) => list.map((each, at) => ({ ...each, event_id: `e${String(at).padStart(2, '0')}` }))),
  sessions: fc.array(session, { minLength: 6, maxLength: 16, size: 'max' }).map((list) =>
    list.map(({ length, ...each }, at) => ({
      ...each,
      ends: each.minute + length,
      session_id: `s${at}`,
      currency: 'EUR',
      tariff_id: 't',
    })),
  ),
  releases: fc
    .tuple(fc.integer({ min: -20_000, max: 0 }), minute, minute)
    .map((all) =>
      all
        .toSorted((a, b) => a - b)
        .map((each, at) => ({ model: 'M', firmware_version: String(at + 1), minute: each, approved: true })),
    ),
  points: fc.constantFrom<(number | null)[]>(null, 300, 500).map((closed) =>
    ['A', 'B'].map((id) => ({
      station_id: id,
      model: 'M',
      closed_at: id === 'A' && closed !== null ? moment(Number(closed)) : null,
    })),
  ),
});

function insert(table: string, rows: readonly Values[]): string[] {
  const value = (each: Values[string]): string => (typeof each === 'string' ? literal(each) : String(each));
  return [
    `delete from ${table}`,
    ...rows.map(
      (row) =>
        `insert into ${table} (${Object.keys(row)
          .map((name) => `"${name}"`)
          .join(', ')}) values (${Object.values(row).map(value).join(', ')})`,
    ),
  ];
}

/** Writes a history into the tables up to a moment: later events are unknown, and what still runs has no end. */
async function play({ events, sessions, releases, points }: History, until = Infinity): Promise<void> {
  const known = <T extends { minute: number }>(rows: readonly T[]): T[] => rows.filter((row) => row.minute <= until);
  await duckdb.run(
    [
      'begin transaction',
      ...insert(
        'charge_points',
        points.map((row) => ({ ...row, last_updated: moment(0) })),
      ),
      ...insert('tariffs', [{ tariff_id: 't', currency: 'EUR', price_per_kwh: 0.5, last_updated: moment(0) }]),
      ...insert(
        'firmware_releases',
        known(releases).map(({ minute: at, ...row }) => ({ ...row, released_at: moment(at), last_updated: moment(0) })),
      ),
      ...insert(
        'charge_point_events',
        known(events).map(({ minute: at, ...row }, order) => ({
          ...row,
          event_time: moment(at),
          last_updated: moment(at),
          arrival_order: order,
        })),
      ),
      ...insert(
        'charging_sessions',
        known(sessions).map(({ minute: at, ends, ...row }) => ({
          ...row,
          start_time: moment(at),
          end_time: ends <= until ? moment(ends) : null,
          timestamp: moment(at),
        })),
      ),
      'commit',
    ].join(';\n'),
  );
}

const thresholds = { offline_after_minutes: '5', firmware_grace_days: '0', failed_in_a_row: '2' };
const asOf = async (at: number, more: Record<string, string> = {}): Promise<Row[]> =>
  (
    await run('issues', {
      ...thresholds,
      as_of: moment(at),
      since: '1970-01-01',
      limit: '1000',
      sort: 'created_at',
      ...more,
    })
  ).rows;
const ids = (rows: readonly Row[]): string[] => rows.map((row) => String(row['issue_id']));

/** Issues seen in all runs, because a property of no issues always holds. */
const seen = { open: 0, resolved: 0 };

test('an issue keeps its ID while it lasts, and ended issues do not change', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.uniqueArray(minute, { minLength: 3, maxLength: 3 }), async (whole, moments) => {
      await play(whole);
      const answers: Row[][] = [];
      for (const at of moments.toSorted((a, b) => a - b)) answers.push(await asOf(at));
      for (const [before, after] of [
        [answers[0]!, answers[1]!],
        [answers[1]!, answers[2]!],
      ] as const) {
        expect(new Set(ids(after)).size).toBe(after.length);
        for (const issue of before) {
          const then = after.find((row) => row['issue_id'] === issue['issue_id']);
          expect(then, `${String(issue['description'])} is gone`).toBeDefined();
          // Ended issues stay identical; lasting ones keep their ID and may get worse.
          if (issue['status'] === 'resolved') expect(then).toEqual(issue);
          else
            expect(then).toMatchObject({
              type: issue['type'],
              charge_point_id: issue['charge_point_id'],
              connector_id: issue['connector_id'],
              session_id: issue['session_id'],
              created_at: issue['created_at'],
              found_by: issue['found_by'],
            });
          seen[issue['status'] === 'resolved' ? 'resolved' : 'open'] += 1;
        }
      }
    }),
    { numRuns: runs(10), seed: 20260601, interruptAfterTimeLimit: 30_000 },
  );
  expect(seen.open).toBeGreaterThan(minCount(50));
  expect(seen.resolved).toBeGreaterThan(minCount(20));
});

test('issues as of a moment do not depend on later events', async () => {
  await fc.assert(
    fc.asyncProperty(history, minute, async (whole, at) => {
      await play(whole);
      const late = await asOf(at);
      await play(whole, at);
      expect(await asOf(at)).toEqual(late);
      // The clock does not matter either: at a later moment only time has passed.
      const open = late.filter((row) => row['status'] === 'open');
      expect(ids(await asOf(at + 10_000))).toEqual(
        expect.arrayContaining(ids(open.filter((row) => row['charge_point_id'] === 'B'))),
      );
    }),
    { numRuns: runs(6), seed: 20260602, interruptAfterTimeLimit: 30_000 },
  );
});

test('each charge point is judged independently', async () => {
  await fc.assert(
    fc.asyncProperty(history, minute, async (whole, at) => {
      await play(whole);
      const [both, one] = [await asOf(at), await asOf(at, { charge_point_id: 'A' })];
      expect(one).toEqual(both.filter((row) => row['charge_point_id'] === 'A'));
      await play({
        ...whole,
        events: whole.events.filter((row) => row['station_id'] === 'A'),
        sessions: whole.sessions.filter((row) => row['station_id'] === 'A'),
      });
      expect((await asOf(at)).filter((row) => row['charge_point_id'] === 'A')).toEqual(one);
    }),
    { numRuns: runs(4), seed: 20260603, interruptAfterTimeLimit: 30_000 },
  );
});
