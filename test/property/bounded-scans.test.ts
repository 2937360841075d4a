import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Row } from '../../src/warehouse/values.ts';
import { literal } from '../../src/warehouse/duckdb.ts';
import { isFull, minCount } from '../support/runs.ts';
import { createReportRunner } from '../warehouse/report-runner.ts';

/** A report of a view's rows. @param head further front matter */
const reportOf = (view: string, columns: readonly string[], head: readonly string[] = []): string =>
  [
    '/*---',
    `title: All of ${view}`,
    `description: All of ${view}.`,
    ...head,
    `columns: { ${columns.map((column) => `${column}: { description: ${column}, nullable: true }`).join(', ')} }`,
    `key: [${columns.join(', ')}]`,
    `sort: { default: ${columns[0]}, allow: [] }`,
    'page: { kind: none }',
    'answer: { shape: tinybird }',
    '---*/',
    `select ${columns.join(', ')} from ${view}`,
    '',
  ].join('\n');

const columnsOf: Record<string, string[]> = {
  offline_periods: ['station_id', 'offline_from', 'offline_to', 'began_with', 'is_excluded'],
  outages: ['station_id', 'connector', 'cause', 'down_from', 'down_to', 'is_excluded'],
  current_states: ['station_id', 'connector', 'state'],
  fleet: ['station_id', 'online', 'is_faulted'],
  ports: ['station_id', 'port_id', 'connector', 'served_from', 'served_to', 'last_event_at'],
  port_uptime: ['station_id', 'port_id', 'period_minutes', 'outage_minutes', 'excluded_minutes', 'uptime_percent'],
  known_issues: ['issue_id', 'found_by', 'state', 'created_at', 'resolved_at', 'severity'],
};
const bound = ['params: { since: { description: Start of the events } }', 'scan_from: $since::timestamp'];
const { duckdb, run } = await createReportRunner(
  Object.fromEntries(
    Object.entries(columnsOf).flatMap(([view, columns]) => [
      [`all_${view}`, reportOf(view, columns)],
      [
        `late_${view}`,
        view === 'port_uptime'
          ? reportOf(view, columns, ['scan_from: days_start($as_of::timestamp, $days::bigint, $since::timestamp)'])
          : reportOf(view, columns, bound),
      ],
    ]),
  ),
);

// Times are multiples of ten minutes in ten days, so that events from before the two days that are always read matter.
const last = 1440;
const written = (at: number): string =>
  new Date(Date.UTC(2025, 4, 28) + at * 600_000).toISOString().slice(0, 19).replace('T', ' ');
const moment = fc.integer({ min: 0, max: last });
const lateMoment = fc.integer({ min: 900, max: last });
const sinceMoment = fc.integer({ min: 300, max: 1300 });

interface Event {
  station: string;
  at: number;
  type: string;
  connector: string | null;
  status: string | null;
  interval: number | null;
  /** Whether the heartbeat is stored in days. */
  inDays: boolean;
}
// Many charge points at once, because a statement with all views takes longer to plan than to run.
const stations = Array.from({ length: 12 }, (_, n) => `P${n}`);
/** One random value for every charge point. */
const forEach = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.tuple(...stations.map(() => value));
const atStations = <T extends { station: string }>(lists: readonly T[][]): T[] =>
  lists.flatMap((list, n) => list.map((each) => ({ ...each, station: stations[n]! })));
const plain = { station: '', connector: null, status: null, interval: null, inDays: false };
const other = fc
  .record({
    at: moment,
    type: fc.constantFrom('disconnect', 'disconnect', 'connect', 'heartbeat', 'Heartbeat', 'meter'),
    detail: fc.integer({ min: 0, max: 5 }),
  })
  .map(({ detail, ...event }): Event => ({
    ...plain,
    ...event,
    interval: detail === 0 ? [600, 1800, 3600][event.at % 3]! : null,
  }));
const status = fc
  .record({
    at: moment,
    connector: fc.constantFrom('1', '1', '2', '0', null),
    status: fc.constantFrom('Faulted', 'Faulted', 'Unavailable', 'Available', 'Charging', 'Removed'),
  })
  .map((event): Event => ({ ...plain, ...event, type: 'status' }));
/** Faults that a connector repeats. */
const repeated = fc
  .record({ first: moment, every: fc.integer({ min: 50, max: 300 }), count: fc.integer({ min: 2, max: 5 }) })
  .map(({ first, every, count }) =>
    Array.from({ length: count }, (_, n): Event => ({
      ...plain,
      at: first + n * every,
      type: 'status',
      connector: '1',
      status: 'Faulted',
    })),
  );
const beats = fc
  .record({
    first: moment,
    every: fc.integer({ min: 1, max: 5 }),
    count: fc.integer({ min: 1, max: 300 }),
    inDays: fc.boolean(),
  })
  .map(({ first, every, count, inDays }) => [
    ...Array.from({ length: count }, (_, n): Event => ({
      ...plain,
      at: first + n * every,
      type: 'heartbeat',
      inDays,
    })),
    // Often the last event before a silence is not a heartbeat.
    { ...plain, at: first + (count - 1) * every + 1, type: 'meter' },
  ]);
/** Many values, or few, so that charge points are silent for days. */
const listOf = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof(fc.array(value, { maxLength: 25, size: 'max' }), fc.array(value, { maxLength: 2 }));
const ownHistory = fc
  .tuple(
    listOf(other),
    listOf(status),
    fc.array(repeated, { maxLength: 2 }),
    fc.array(beats, { maxLength: 2, size: 'max' }),
  )
  .map(([others, statuses, faults, series]) => {
    const known = new Set<string>();
    // A connector has one status at a time, and a charge point at most one heartbeat in days.
    return [...others, ...statuses, ...faults.flat(), ...series.flat()].filter(({ at, type, connector, inDays }) => {
      const key = `${at}|${type}|${connector ?? '0'}|${inDays}`;
      return at <= last && !known.has(key) && known.add(key);
    });
  });
const history = forEach(ownHistory).map(atStations);

interface Session {
  station: string;
  connector: string | null;
  start: number;
  length: number;
  completed: boolean;
}
const sessions = forEach(
  fc.array(
    fc
      .record({
        connector: fc.constantFrom('1', '1', null),
        start: moment,
        length: fc.integer({ min: 0, max: 30 }),
        completed: fc.constantFrom(true, false, false),
      })
      .map((session): Session => ({ station: '', ...session })),
    { maxLength: 15, size: 'max' },
  ),
).map(atStations);

const sqlValue = (value: string | number | boolean | null): string =>
  typeof value === 'string' ? literal(value) : String(value);
const insert = (table: string, columns: string, rows: readonly (string | number | boolean | null)[][]): string[] => [
  `delete from ${table}`,
  ...(rows.length === 0
    ? []
    : [
        `insert into ${table} (${columns}) values ${rows.map((row) => `(${row.map(sqlValue).join(', ')})`).join(', ')}`,
      ]),
];

/** Rows of heartbeat_days. */
function daysOf(events: readonly Event[]): (string | number)[][] {
  const groups = new Map<string, Event[]>();
  for (const event of events.toSorted((a, b) => a.at - b.at)) {
    const key = `${event.station} ${written(event.at).slice(0, 10)}`;
    groups.set(key, [...(groups.get(key) ?? []), event]);
  }
  return [...groups].map(([key, group]) => {
    const [id, day] = key.split(' ') as [string, string];
    const times = group.map(({ at }) => at);
    const gaps = times.slice(1).map((at, n) => at - times[n]!);
    const deviations = `[${times.map((at, n) => (at - times[0]! - n) * 600).join(', ')}]`;
    return [
      id,
      'heartbeat',
      day,
      written(times[0]!),
      written(times.at(-1)!),
      times.length,
      Math.max(0, ...gaps) * 600_000,
      1000,
      600,
      deviations,
    ];
  });
}

async function fill(events: readonly Event[], ended: readonly Session[]): Promise<void> {
  const version = written(0);
  await duckdb.run(
    [
      'begin transaction',
      // The interval of every third is its own or unknown; the others have no row of their own.
      ...insert(
        'charge_points',
        'station_id, heartbeat_interval_seconds, last_updated',
        stations.flatMap((id, n) => (n % 3 === 0 ? [[id, 1200, version]] : n % 3 === 1 ? [[id, 0, version]] : [])),
      ),
      ...insert('connectors', 'station_id, connector_id, last_updated', [['P0', '1', version]]),
      ...insert(
        'charge_point_events',
        'event_id, station_id, event_type, event_time, connector_id, status, heartbeat_interval_seconds, excluded, last_updated, arrival_order',
        events
          .filter(({ inDays }) => !inDays)
          .map(({ station: id, at, type, connector, status: word, interval }, n) => [
            `e${n}`,
            id,
            type,
            written(at),
            connector,
            word,
            interval,
            at % 5 === 0 ? true : at % 5 === 1 ? false : null,
            version,
            n,
          ]),
      ),
      ...insert(
        'heartbeat_days',
        'station_id, event_type, day, first_at, last_at, heartbeat_count, longest_gap_ms, unit_ms, step, deviations',
        daysOf(events.filter(({ inDays }) => inDays)),
      ),
      ...insert(
        'charging_sessions',
        'session_id, station_id, connector_id, start_time, end_time, energy_kwh, timestamp',
        ended.map(({ station: id, connector, start, length, completed }, n) => [
          `s${n}`,
          id,
          connector,
          written(start),
          written(start + length),
          completed ? 10 : 0,
          version,
        ]),
      ),
      'commit',
    ].join(';\n'),
  );
}

const numRuns = isFull ? 5 : 1;
const sorted = (rows: readonly Row[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();
const thresholds = { offline_after_minutes: '10', failed_in_a_row: '2' };

test('views with a bound have the rows of the views without one that end on its day or later', async () => {
  const seen = { ended: 0, before: 0 };
  await fc.assert(
    fc.asyncProperty(history, sessions, lateMoment, sinceMoment, async (events, ended, asOf, since) => {
      await fill(events, ended);
      const day = written(since <= asOf ? since : asOf).slice(0, 10);
      const endOf: Record<string, string> = {
        offline_periods: 'offline_to',
        outages: 'down_to',
        known_issues: 'resolved_at',
      };
      for (const view of Object.keys(columnsOf)) {
        const params = { as_of: written(asOf), ...(view === 'known_issues' ? thresholds : {}) };
        const own = view === 'port_uptime' ? { since: written(since), days: '4' } : {};
        const all = (await run(`all_${view}`, { ...params, ...own })).rows;
        const late = (await run(`late_${view}`, { ...params, since: written(since), ...own })).rows;
        const end = endOf[view];
        const isLate = (row: Row): boolean => end === undefined || row[end] === null || String(row[end]) >= day;
        // Issues that ended before may be found or not.
        expect(sorted(view === 'known_issues' ? late.filter(isLate) : late), view).toEqual(sorted(all.filter(isLate)));
        if (end !== undefined) {
          seen.ended += all.length - late.length;
          const begin = { offline_periods: 'offline_from', outages: 'down_from', known_issues: 'created_at' }[view]!;
          seen.before += late.filter((row) => String(row[begin]) < day).length;
        }
      }
    }),
    { numRuns, seed: 20261127, endOnFailure: true },
  );
  expect(seen.ended).toBeGreaterThan(minCount(100));
  expect(seen.before).toBeGreaterThan(minCount(100));
});

test('issues since a time are all issues, filtered; their summary counts the unresolved whatever since is', async () => {
  let resolved = 0;
  await fc.assert(
    fc.asyncProperty(history, sessions, lateMoment, sinceMoment, async (events, ended, asOf, since) => {
      await fill(events, ended);
      const params = { as_of: written(asOf), ...thresholds };
      const all = (await run('issues', { ...params, limit: '100000', since: '1970-01-01' })).rows;
      const late = (await run('issues', { ...params, limit: '100000', since: written(since) })).rows;
      const kept = all.filter((row) => row['status'] !== 'resolved' || String(row['resolved_at']) >= written(since));
      expect(late).toEqual(kept);
      resolved += all.length - kept.length;
      const unresolved = all.filter((row) => row['status'] !== 'resolved').length;
      const { rows } = await run('issues_summary', { ...params, since: written(since) });
      const [summary] = rows as [Row];
      expect(Number(summary['open_count']) + Number(summary['acknowledged_count'])).toBe(unresolved);
      const sites = (await run('network_status', params)).rows;
      expect(sites.reduce((sum, row) => sum + Number(row['open_issues']), 0)).toBe(unresolved);
      const oldest = [true, false].map((isResolved) =>
        all.findLast((row) => (row['status'] === 'resolved') === isResolved),
      );
      for (const row of oldest)
        if (row) expect((await run('issue', { ...params, issue_id: String(row['issue_id']) })).rows).toEqual([row]);
    }),
    { numRuns, seed: 20261128, endOnFailure: true },
  );
  expect(resolved).toBeGreaterThan(minCount(100));
});
