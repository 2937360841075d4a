import { beforeEach, expect, test } from 'vitest';
import type { IngestResult } from '../../src/ingest/result.ts';
import { pruneEvents, type PruneCount } from '../../src/warehouse/prune.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { call, ocppLog, sample, type Frame } from '../support/ocpp-log.ts';

const { duckdb, content, rows, empty } = await engineDatabase();

beforeEach(async () => {
  for (const source of ['charging_sessions', 'charge_point_events']) await empty(source);
});

let files = 0;
const log = (frames: Frame[][], replace = false): Promise<IngestResult> =>
  content(`log-${(files += 1)}.csv`, ocppLog(frames.flat()), replace ? { replaced: new Set() } : {});

/** Deletes events of types before a time. */
const prune = (before: string, ...types: string[]): Promise<PruneCount[]> =>
  pruneEvents(
    duckdb,
    types.map((type) => ({ type, days: 1 })),
    BigInt(Date.parse(before) + 86_400_000) * 1000n,
  );
const deleted = async (...args: Parameters<typeof prune>): Promise<[deleted: number, kept: number][]> =>
  (await prune(...args)).map((each) => [each.deleted, each.kept]);

const columns =
  'session_id, transaction_id, connector_id, rfid, start_time, end_time, energy_kwh, meter_start, meter_stop, start_soc, stop_soc';
const sessions = (list = columns): Promise<(string | null)[][]> =>
  rows(`select ${list} from charging_sessions order by start_time, session_id`);
const types = (): Promise<(string | null)[][]> =>
  rows('select event_type, count(*) from charge_point_events group by event_type order by event_type');

const day = (time: string): string => `2025-03-01T${time}Z`;
/** The start has no meter reading, so the energy comes from the meter values. */
const start = (time: string, id: string, transactionId: number, connectorId = 1): Frame[] =>
  call(day(time), 'CP', id, ['StartTransaction', { connectorId, idTag: 'TAG', timestamp: day(time) }], {
    transactionId,
  });
const stop = (time: string, id: string, transactionId: number): Frame[] =>
  call(day(time), 'CP', id, ['StopTransaction', { transactionId, timestamp: day(time) }], {});
const meter = (time: string, id: string, transactionId: number, wh: number, soc: number, connectorId = 1): Frame[] =>
  call(day(time), 'CP', id, [
    'MeterValues',
    {
      connectorId,
      transactionId,
      meterValue: [
        { timestamp: day(time), sampledValue: [sample(wh), sample(soc, { measurand: 'SoC', unit: 'Percent' })] },
      ],
    },
  ]);

const whole = [
  start('08:00:00', 's1', 7),
  meter('08:05:00', 'v1', 7, 1000, 30),
  meter('08:25:00', 'v2', 7, 6000, 55),
  stop('08:30:00', 'e1', 7),
];
// 6000 Wh - 1000 Wh.
const session = [
  'ocpp/CP/1/2025-03-01T08:00:00Z',
  '7',
  '1',
  'TAG',
  '2025-03-01 08:00:00',
  '2025-03-01 08:30:00',
  '5',
  '1000',
  '6000',
  '30',
  '55',
];
const later = '2025-03-05T00:00:00Z';

test('a session from a log keeps its energy when its meter values are deleted, whatever is imported later', async () => {
  await log(whole);
  expect(await sessions()).toEqual([session]);
  expect(await deleted(later, 'meter')).toEqual([[2, 0]]);
  expect(await sessions()).toEqual([session]);
  // A late meter value, the stop once more, the start once more, and a later session with the same transaction ID.
  await log([meter('08:28:00', 'v3', 7, 6500, 60)]);
  await log([stop('08:30:00', 'e2', 7)]);
  await log([start('08:00:00', 's2', 7)]);
  expect(await sessions()).toEqual([session]);
  const result = await log([
    start('09:00:00', 's3', 7),
    meter('09:05:00', 'v4', 7, 6000, 20),
    meter('09:10:00', 'v5', 7, 7000, 25),
    stop('09:15:00', 'e3', 7),
  ]);
  expect(result.logSessions).toMatchObject({ added: 1, updated: 0, removed: 0, provided: 0 });
  expect(await sessions('session_id, energy_kwh')).toEqual([
    ['ocpp/CP/1/2025-03-01T08:00:00Z', '5'],
    ['ocpp/CP/1/2025-03-01T09:00:00Z', '1'],
  ]);
});

test('importing the same file again brings the events back, and the session stays', async () => {
  await log(whole);
  const before = await types();
  await prune(later, 'meter');
  expect(await types()).not.toEqual(before);
  await log(whole);
  expect(await types()).toEqual(before);
  expect(await sessions()).toEqual([session]);
});

test('a session keeps its values when its start, stop and responses are deleted', async () => {
  await log(whole);
  // The last ones stay as states.
  await log([
    start('10:00:00', 's9', 9),
    meter('10:01:00', 'v9', 9, 6000, 1),
    meter('10:02:00', 'w9', 9, 6200, 1),
    stop('10:05:00', 'e9', 9),
  ]);
  await prune(later, 'meter', 'start_transaction', 'stop_transaction', 'call_result');
  await log([meter('08:29:00', 'v3', 7, 6500, 60), meter('08:29:30', 'v4', 7, 6600, 60), stop('08:30:30', 'e2', 7)]);
  expect(await sessions('session_id, energy_kwh')).toEqual([
    [session[0], '5'],
    ['ocpp/CP/1/2025-03-01T10:00:00Z', '0.2'],
  ]);
});

test('the meter values of a session that has not ended stay, so that its stop gives it all its energy', async () => {
  await log([
    start('08:00:00', 's1', 7),
    meter('08:05:00', 'v1', 7, 1000, 30),
    meter('08:25:00', 'v2', 7, 6000, 55),
    // Another connector, whose session has ended.
    start('08:00:00', 't1', 8, 2),
    meter('08:05:00', 'w1', 8, 100, 10, 2),
    meter('08:25:00', 'w2', 8, 400, 12, 2),
    stop('08:30:00', 'f1', 8),
  ]);
  expect(await deleted(later, 'meter')).toEqual([[2, 2]]);
  await log([meter('08:28:00', 'v3', 7, 6500, 60), stop('08:30:00', 'e1', 7)]);
  expect(await sessions('session_id, energy_kwh, start_soc, stop_soc')).toEqual([
    ['ocpp/CP/1/2025-03-01T08:00:00Z', '5.5', '30', '60'],
    ['ocpp/CP/2/2025-03-01T08:00:00Z', '0.3', '10', '12'],
  ]);
  // Now it has ended.
  expect(await deleted(later, 'meter')).toEqual([[3, 0]]);
});

test('a session without an end counts as ended once another follows on its connector', async () => {
  await log([
    start('08:00:00', 's1', 7),
    meter('08:05:00', 'v1', 7, 1000, 30),
    meter('08:25:00', 'v2', 7, 6000, 55),
    start('09:00:00', 's2', 8),
    meter('09:05:00', 'w1', 8, 6000, 10),
  ]);
  expect(await deleted(later, 'meter')).toEqual([[2, 1]]);
});

test('a session with events on both sides of the time keeps all of them', async () => {
  await log(whole);
  expect(await deleted(day('08:10:00'), 'meter')).toEqual([[0, 1]]);
  await log([meter('08:28:00', 'v3', 7, 6500, 60)]);
  expect(await sessions('energy_kwh')).toEqual([['5.5']]);
});

test('an older log that is imported after a prune makes whole sessions, in any order', async () => {
  await log(whole);
  await prune(later, 'meter');
  const [begin, first, second, end] = [
    start('05:00:00', 'a1', 3),
    meter('05:05:00', 'a2', 3, 100, 5),
    meter('05:25:00', 'a3', 3, 900, 9),
    stop('05:30:00', 'a4', 3),
  ];
  await log([second, end]);
  await log([begin]);
  await log([first]);
  expect(await sessions('session_id, energy_kwh')).toEqual([
    ['ocpp/CP/1/2025-03-01T05:00:00Z', '0.8'],
    ['ocpp/CP/1/2025-03-01T08:00:00Z', '5'],
  ]);
});

test('a file with the session still takes its place', async () => {
  await log(whole);
  await prune(later, 'meter');
  await content(
    'sessions.csv',
    'session_id,station_id,start_time,end_time,energy_kwh,transaction_id\nX1,CP,2025-03-01T08:00:00Z,2025-03-01T08:30:00Z,5.1,7\n',
  );
  expect(await sessions('session_id, energy_kwh')).toEqual([['X1', '5.1']]);
});

test('a log that replaces all events computes all sessions again', async () => {
  await log(whole);
  await prune(later, 'meter');
  await log([start('08:00:00', 's1', 7), meter('08:25:00', 'v2', 7, 6000, 55), stop('08:30:00', 'e1', 7)], true);
  expect(await sessions('session_id, energy_kwh')).toEqual([[session[0], null]]);
  expect(await rows('select count(*) from pruned_sessions')).toEqual([['0']]);
});

test('transactions of OCPP 2.0.1 keep their energy', async () => {
  const event = (time: string, id: string, eventType: string, wh: number): Frame[] =>
    call(day(time), 'CP', id, [
      'TransactionEvent',
      {
        eventType,
        timestamp: day(time),
        transactionInfo: { transactionId: 'T-1' },
        evse: { id: 1, connectorId: 1 },
        meterValue: [{ timestamp: day(time), sampledValue: [{ value: wh }] }],
      },
    ]);
  await log([
    event('08:00:00', 'm1', 'Started', 1000),
    event('08:15:00', 'm2', 'Updated', 4000),
    event('08:30:00', 'm3', 'Ended', 7000),
  ]);
  expect(await deleted(later, 'transactionevent')).toEqual([[2, 1]]);
  await log([event('08:20:00', 'm4', 'Updated', 5000)]);
  expect(await sessions('session_id, energy_kwh, start_time, end_time')).toEqual([
    ['ocpp/CP/T-1', '6', '2025-03-01 08:00:00', '2025-03-01 08:30:00'],
  ]);
});
