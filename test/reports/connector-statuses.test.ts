import { beforeEach, expect, test } from 'vitest';
import { runReport } from '../../src/reports/run-report.ts';
import type { Row } from '../../src/warehouse/values.ts';
import { createColumnViews, tablesInFile } from '../../src/warehouse/tables.ts';
import { engineDatabase } from '../support/engine-database.ts';

const { duckdb, catalog, lines, write, file, empty } = await engineDatabase();

async function rows(name: string, params: Record<string, string>): Promise<Row[]> {
  await createColumnViews(duckdb, [...(await tablesInFile(duckdb)), 'charge_point_events']);
  return (await runReport(duckdb, await catalog.report(name), params, { now: new Date(0), label: (each) => each }))
    .rows;
}
const status = async (asOf: string): Promise<unknown> =>
  (await rows('live_status', { charge_point_id: 'cp1', as_of: asOf })).map(({ status: value }) => value);

beforeEach(async () => {
  for (const source of ['charge_point_events', 'charge_points']) await empty(source);
});

const header = 'event_id,station_id,event_type,event_time,connector_id,status';
const event = (id: string, value: string, second = 0, connector = 1): string =>
  `${id},cp1,status,2025-01-01 10:00:${String(second).padStart(2, '0')},${connector},${value}`;

test('of events with one time, the last of the file counts, whatever their IDs', async () => {
  await lines(header, event('evt_9', 'Charging'), event('evt_10', 'Finishing'), event('evt_1', 'Available'));
  expect(await status('2025-01-01 11:00:00')).toEqual(['Available']);
});

test('an event of a later file comes after those of earlier files', async () => {
  await lines(header, event('b', 'Charging'));
  await lines(header, event('a', 'Faulted'));
  expect(await status('2025-01-01 11:00:00')).toEqual(['Faulted']);
  // The first file again changes nothing.
  await lines(header, event('b', 'Charging'));
  expect(await status('2025-01-01 11:00:00')).toEqual(['Faulted']);
});

test('a file that replaces the events gives them its order', async () => {
  await lines(header, event('a', 'Charging'), event('b', 'Faulted'));
  await file(write('again.csv', `${header}\n${event('b', 'Faulted')}\n${event('a', 'Charging')}\n`), {
    replaced: new Set(),
  });
  expect(await status('2025-01-01 11:00:00')).toEqual(['Charging']);
});

test('the order of a long file is kept', async () => {
  const many = Array.from({ length: 30_000 }, (_, at) =>
    event(`e${(at * 7919) % 30_000}`, at === 29_999 ? 'Reserved' : 'Charging'),
  );
  await lines(header, ...many);
  expect(await status('2025-01-01 11:00:00')).toEqual(['Reserved']);
});

test('OCPI: BLOCKED and PLANNED are unavailable, REMOVED is out of service', async () => {
  await lines('charge_point_id,charge_point_name,site_id,vendor,model', 'cp1,Point,north,Maker,M');
  await lines(
    header,
    event('a', 'BLOCKED', 0, 1),
    event('b', 'PLANNED', 0, 2),
    event('c', 'REMOVED', 0, 3),
    event('d', 'AVAILABLE', 0, 4),
  );
  const [overview] = await rows('status_overview', { project_id: 'north', as_of: '2025-01-01 12:00:00' });
  expect(overview).toMatchObject({ available: 1, charging: 0, faulted: 0, unavailable: 2, unknown: 0 });
  // From 10:00 to 12:00, connectors 1 and 2 were down; connector 3 was not in service.
  const uptime = await rows('uptime_report', { definition: 'nevi', from: '2025-01-01', as_of: '2025-01-01 12:00:00' });
  expect(uptime.map((row) => [row['port_id'], row['uptime_percent'], row['period_minutes']])).toEqual([
    ['1', 0, 120],
    ['2', 0, 120],
    ['4', 100, 120],
  ]);
});

test('a charge point that only sends statuses is unknown after silent_after_hours', async () => {
  await lines('charge_point_id,charge_point_name,site_id,vendor,model', 'cp1,Point,north,Maker,M');
  await lines(header, event('a', 'Available'));
  const counts = async (asOf: string, hours?: string): Promise<unknown> => {
    const params = { project_id: 'north', as_of: asOf, ...(hours === undefined ? {} : { silent_after_hours: hours }) };
    const [row] = await rows('status_overview', params);
    return [row?.['charge_points_online'], row?.['available'], row?.['unknown']];
  };
  expect(await counts('2025-01-08 10:00:00')).toEqual([1, 1, 0]);
  expect(await counts('2025-01-08 10:00:01')).toEqual([0, 0, 1]);
  expect(await counts('2025-01-01 12:00:00', '2')).toEqual([1, 1, 0]);
  expect(await counts('2025-01-01 12:00:01', '2')).toEqual([0, 0, 1]);
  const [health] = await rows('health_score', { as_of: '2025-02-01' });
  expect([health?.['charge_points_total'], health?.['charge_points_online'], health?.['connectivity']]).toEqual([
    1,
    0,
    null,
  ]);
});
