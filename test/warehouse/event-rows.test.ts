import { expect, test } from 'vitest';
import { defaultEventId } from '../../src/warehouse/event-rows.ts';
import { engineDatabase } from '../support/engine-database.ts';

const { duckdb, catalog, lines, rows } = await engineDatabase();

test('the ID that is not stored is the default of the source, and so is the version', async () => {
  const { columns } = await catalog.source('charge_point_events');
  const defaultOf = (name: string): string | undefined =>
    columns
      .find((column) => column.name === name)
      ?.default?.replaceAll(/\s+/g, ' ')
      .trim();
  expect(defaultEventId((name) => name)).toBe(defaultOf('event_id'));
  expect(defaultOf('last_updated')).toBe('event_time');
});

test('a status without an ID is stored without an ID, and shown with one', async () => {
  await lines(
    'station_id,event_type,event_time,connector_id,status,last_updated',
    'CP,Status,2025-01-01 10:00:00,1,Available,',
    'CP,status,2025-01-01 11:00:00,1,Charging,2025-01-02 00:00:00',
  );
  expect(await rows('select event_id, last_updated from db.main.charge_point_events order by event_time')).toEqual([
    [null, null],
    [null, '2025-01-02 00:00:00'],
  ]);
  expect(
    await rows('select event_id, last_updated, arrival_order from charge_point_events order by event_time'),
  ).toEqual([
    ['CP|status|2025-01-01 10:00:00|1|Available', '2025-01-01 10:00:00', '0'],
    ['CP|status|2025-01-01 11:00:00|1|Charging', '2025-01-02 00:00:00', '1'],
  ]);
  await duckdb.run('drop view charge_point_events');
});

test('an event found by its ID in another file keeps its values, and its ID', async () => {
  // The connector is not in the ID, so the ID is no longer the default.
  const id = 'CP|status|2025-01-03 10:00:00|Available';
  await lines('station_id,event_type,event_time,status', 'CP,status,2025-01-03 10:00:00,Available');
  const result = await lines(
    'event_id,station_id,event_type,event_time,connector_id,last_updated',
    `${id},CP,status,2025-01-03 10:00:00,2,2025-01-04 00:00:00`,
  );
  expect([result.added, result.updated]).toEqual([0, 1]);
  expect(await rows(`select event_id, connector_id, status from charge_point_events where event_id = '${id}'`)).toEqual(
    [[id, '2', 'Available']],
  );
  expect(await rows('select count(*) from db.main.charge_point_events where event_id is not null')).toEqual([['1']]);
});
