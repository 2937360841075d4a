import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outputColumns, type RawParameters } from '../../src/catalog/definitions.ts';
import { WattduckError } from '../../src/errors/wattduck-error.ts';
import { runReport } from '../../src/reports/run-report.ts';
import { openEngine } from '../support/duckdb.ts';
import { runs } from '../support/runs.ts';

const { duckdb, catalog } = await openEngine();
const bounds = { share: 1, percent: 100 } as Record<string, number>;
/** Errors relative to a mean are not shares of a whole: they can exceed 1. */
const relative = new Set(['mean_error', 'naive_error']);
const reports = (await catalog.reports()).flatMap((report) => {
  const columns = outputColumns(report).filter(({ name, unit }) => unit && unit in bounds && !relative.has(name));
  return columns.length > 0 ? [{ report, columns }] : [];
});

const origin = Date.UTC(2024, 2, 28) / 1000;
const now = '2024-04-20T00:00:00Z';
const time = fc.oneof(
  fc.integer({ min: 0, max: 20 * 24 }).map((hour) => hour * 3600),
  fc.integer({ min: 0, max: 20 * 86_400 }),
);
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 3 });
const station = fc.constantFrom('A', 'B', 'C');
const many = <T>(items: fc.Arbitrary<T>, maxLength = 12): fc.Arbitrary<T[]> => fc.array(items, { maxLength });

const literal = (value: unknown): string =>
  value === null ? 'null' : typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value);
const instant = (at: number | null): string | null =>
  at === null ? null : new Date((origin + at) * 1000).toISOString().slice(0, 19).replace('T', ' ');

/** Random rows of a table: each is an object of values. */
type Rows = Record<string, unknown>[];

const sessions = many(
  fc
    .record({
      station_id: station,
      connector_id: maybe(fc.constantFrom('1', '2', '9')),
      location: maybe(fc.constantFrom('Quay', 'quay')),
      user_id: maybe(fc.constantFrom('ann', 'bob')),
      site_id: maybe(fc.constantFrom('north', 'south')),
      start: time,
      seconds: maybe(fc.oneof(fc.constantFrom(0, 60, 3600, 86_400), fc.integer({ min: 0, max: 300_000 }))),
      energy_kwh: maybe(fc.constantFrom(0, 0.5, 20, 5000)),
      amount_paid: maybe(fc.constantFrom(-5, 0, 0.3, 12.5)),
      start_soc: maybe(fc.constantFrom(0, 20)),
      stop_soc: maybe(fc.constantFrom(55.5, 100)),
      status: maybe(fc.constantFrom('completed', 'failed', 'Invalid', 'INVALID')),
      stop_reason: maybe(fc.constantFrom('Local', 'PowerLoss')),
      meter_start: maybe(fc.constantFrom(0, 1000)),
      meter_stop: maybe(fc.constantFrom(1000, 21_000)),
      tariff_id: maybe(fc.constantFrom('T')),
    })
    .map(({ start, seconds, ...rest }) => ({
      ...rest,
      currency: rest.amount_paid === null ? null : 'EUR',
      start_time: instant(start),
      end_time: seconds === null ? null : instant(start + seconds),
      timestamp: instant(start),
    })),
);
const events = many(
  fc
    .record({
      station_id: station,
      connector_id: maybe(fc.constantFrom('0', '1', '2')),
      event_type: fc.constantFrom('connect', 'disconnect', 'heartbeat', 'heartbeat', 'status', 'firmware'),
      at: time,
      status: maybe(fc.constantFrom('Available', 'Charging', 'Faulted', 'SuspendedEV', 'Unavailable')),
      heartbeat_interval_seconds: maybe(fc.constantFrom(60, 3600)),
      firmware_version: maybe(fc.constantFrom('1.0', '2.0')),
      excluded: maybe(fc.boolean()),
    })
    .map(({ at, ...rest }) => ({ ...rest, event_time: instant(at) })),
  20,
);
const shop = many(
  fc
    .record({
      customer_id: maybe(fc.constantFrom('ann', 'bob')),
      event_type: fc.constantFrom('view', 'page_view', 'add_to_cart', 'purchase', 'PURCHASE', 'refund'),
      at: time,
      session_id: maybe(fc.constantFrom('v1', 'v2')),
      price: maybe(fc.constantFrom(1, 2.5)),
      quantity: maybe(fc.constantFrom(-1, 0, 1, 2)),
      device_type: maybe(fc.constantFrom('mobile', 'Mobile')),
      country: maybe(fc.constantFrom('US', 'us')),
    })
    .map(({ at, ...rest }) => ({ ...rest, event_timestamp: instant(at) })),
);
const disputes = many(
  fc
    .record({ session_id: maybe(fc.constantFrom('0', '1', '2', '9')), station_id: maybe(station), at: time })
    .map(({ at, ...rest }) => ({ ...rest, created_at: instant(at) })),
  3,
);

/** Replaces the rows of a table, with their position as ID. */
async function store(table: string, rows: Rows, id?: string): Promise<void> {
  await duckdb.run(`delete from ${table}`);
  if (rows.length === 0) return;
  const numbered = rows.map((row, at) => (id === undefined ? row : { [id]: String(at), ...row }));
  const names = Object.keys(numbered[0]!);
  await duckdb.run(
    `insert into ${table} (${names.map((name) => `"${name}"`).join(', ')}) values ${numbered.map((row) => `(${names.map((name) => literal(row[name])).join(', ')})`).join(', ')}`,
  );
}

const stamp = { last_updated: '1970-01-01' };
await store('charge_points', [
  {
    station_id: 'A',
    site_id: 'north',
    model: 'M',
    firmware_version: '1.0',
    opened_at: null,
    closed_at: null,
    ...stamp,
  },
  {
    station_id: 'B',
    site_id: null,
    model: 'M',
    firmware_version: null,
    opened_at: '2024-04-01',
    closed_at: '2024-04-10',
    ...stamp,
  },
]);
await store('connectors', [
  { station_id: 'A', connector_id: '1', evse_id: 'E', power_kw: 150, ...stamp },
  { station_id: 'A', connector_id: '2', evse_id: 'E', power_kw: 150, ...stamp },
  { station_id: 'B', connector_id: '1', evse_id: null, power_kw: 22, ...stamp },
]);
await store('firmware_releases', [
  { model: 'M', firmware_version: '2.0', released_at: '2024-01-01', approved: true, ...stamp },
]);
await store('tariffs', [{ tariff_id: 'T', currency: 'EUR', price_per_kwh: 0.5, ...stamp }]);
await store('sites', [
  { site_id: 'north', ...stamp },
  { site_id: 'south', ...stamp },
]);
await store('customer_profiles', [
  { customer_id: 'ann', signup_date: '2024-01-01', customer_segment: 'Regular', ...stamp },
]);
await store('customer_segments', [
  { segment_id: '1', segment_name: 'Buyers', segment_rules: 'purchase_count > 0', ...stamp },
]);

const chosen = fc.record({
  from: maybe(time),
  to: maybe(time),
  charge_point_id: maybe(station),
  project_id: maybe(fc.constantFrom('north', 'south')),
  by: maybe(fc.constantFrom('start', 'end', 'spread')),
  tz: maybe(fc.constantFrom('Europe/Berlin', 'Asia/Kathmandu')),
  definition: maybe(fc.constantFrom('period', 'nevi', 'uk2023')),
  group_by: maybe(fc.constantFrom('device', 'country', 'all')),
  as_of: maybe(time),
});

test('every share is between 0 and 1, and every percentage between 0 and 100', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      sessions,
      events,
      shop,
      disputes,
      chosen,
      async (charged, reported, bought, disputed, question) => {
        await store('charging_sessions', charged, 'session_id');
        await store(
          'charge_point_events',
          reported.map((each, at) => ({ ...each, last_updated: each.event_time, arrival_order: at })),
          'event_id',
        );
        await store(
          'customer_events',
          bought.map((each) => ({ ...each, last_updated: each.event_timestamp })),
          'event_id',
        );
        await store(
          'billing_disputes',
          disputed.map((each) => ({ ...each, last_updated: each.created_at })),
          'dispute_id',
        );
        const { from, to, as_of: asOf } = question;
        const [first, last] = from !== null && to !== null && from > to ? [to, from] : [from, to];
        const values: Record<string, string | null> = {
          ...question,
          as_of: instant(asOf) ?? now,
          from: instant(first),
          to: instant(last),
          start_date: instant(first),
          end_date: instant(last),
          charge_point_id: question.charge_point_id,
          site_id: 'north',
          segment_name: 'Buyers',
          customer_id: 'ann',
        };
        for (const { report, columns } of reports) {
          const params: RawParameters = {};
          for (const { name, required, choices, role } of report.parameters) {
            const value =
              values[name] ??
              (required || name === 'charge_point_id' ? (name === 'charge_point_id' ? 'A' : now) : null);
            if (value === null || (name === 'tz' && role !== 'time_zone')) continue;
            if (choices && !choices.includes(value)) continue;
            params[name] = value;
          }
          const answer = await runReport(duckdb, report, params, { now: new Date(now), label: (name) => name }).catch(
            (error: unknown) => {
              // A charge point or period that has no data, or that a report does not accept.
              if (error instanceof WattduckError && ['not_found', 'usage'].includes(error.kind)) return undefined;
              throw error;
            },
          );
          for (const row of answer?.rows ?? [])
            for (const { name, unit } of columns) {
              const value = row[name];
              if (value === null || value === undefined) continue;
              seen.add(`${report.name}.${name}`);
              const isWithin = Number(value) >= 0 && Number(value) <= bounds[unit!]!;
              expect([report.name, name, value, isWithin]).toEqual([report.name, name, value, true]);
            }
        }
      },
    ),
    { numRuns: Math.max(15, runs(30)), seed: 20260107 },
  );
  // A forecast needs two weeks of history; its coverage is a count divided by a larger one.
  const all = reports.flatMap(({ report, columns }) => columns.map(({ name }) => `${report.name}.${name}`));
  expect(all.filter((name) => !seen.has(name) && !name.endsWith('.coverage'))).toEqual([]);
}, 300_000);
