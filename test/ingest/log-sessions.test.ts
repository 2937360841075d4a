import { beforeEach, expect, test } from 'vitest';
import type { IngestResult } from '../../src/ingest/result.ts';
import { engineDatabase } from '../support/engine-database.ts';
import { call, ocppLog, sample, type Frame } from '../support/ocpp-log.ts';

const { duckdb, content, lines, rows, empty } = await engineDatabase();

beforeEach(async () => {
  for (const source of ['charging_sessions', 'charge_point_events']) await empty(source);
  await duckdb.run('delete from db.main.resolved_issues');
});

const day = (time: string): string => `2025-03-01T${time}Z`;
let files = 0;
const log = (...frames: Frame[][]): Promise<IngestResult> => content(`log-${(files += 1)}.csv`, ocppLog(frames.flat()));

const columns =
  'session_id, transaction_id, connector_id, rfid, start_time, end_time, energy_kwh, meter_start, meter_stop, stop_reason';
const sessions = (list = columns): Promise<(string | null)[][]> =>
  rows(`select ${list} from charging_sessions order by start_time, session_id`);
const counts = (added: number, updated: number, removed = 0, provided = 0, withoutStart = 0) => ({
  added,
  updated,
  removed,
  provided,
  withoutStart,
});

const start = (time: string, id: string, transaction: number | null, meterStart = 1000, connectorId = 1): Frame[] =>
  call(
    day(time),
    'CP',
    id,
    ['StartTransaction', { connectorId, idTag: 'TAG', meterStart, timestamp: day(time) }],
    transaction === null ? undefined : { transactionId: transaction, idTagInfo: { status: 'Accepted' } },
  );
const stop = (time: string, id: string, transactionId: number, meterStop: number, fields: object = {}): Frame[] =>
  call(day(time), 'CP', id, ['StopTransaction', { transactionId, meterStop, timestamp: day(time), ...fields }], {});
const meter = (time: string, id: string, transactionId: number, ...sampledValue: object[]): Frame[] =>
  call(day(time), 'CP', id, [
    'MeterValues',
    { connectorId: 1, transactionId, meterValue: [{ timestamp: day(time), sampledValue }] },
  ]);

test('a transaction of OCPP 1.6 becomes a session, with the energy of its meter readings', async () => {
  const result = await log(
    start('08:00:00', 'm1', 7),
    meter('08:10:00', 'm2', 7, sample(3000), sample(40, { measurand: 'SoC', unit: 'Percent' })),
    meter('08:20:00', 'm3', 7, sample(5000), sample(55, { measurand: 'SoC', unit: 'Percent' })),
    stop('08:30:00', 'm4', 7, 8500, { reason: 'EVDisconnected' }),
  );
  expect(result.logSessions).toEqual(counts(1, 0));
  expect(await sessions()).toEqual([
    [
      'ocpp/CP/1/2025-03-01T08:00:00Z',
      '7',
      '1',
      'TAG',
      '2025-03-01 08:00:00',
      '2025-03-01 08:30:00',
      '7.5',
      '1000',
      '8500',
      'EVDisconnected',
    ],
  ]);
  expect(await sessions('station_id, start_soc, stop_soc, invalid_meter_reading, status')).toEqual([
    ['CP', '40', '55', 'false', null],
  ]);
  expect((await rows('select count(*) from charge_point_events'))[0]).toEqual(['6']);
});

test('an open transaction has the energy so far: the register, not an interval, a phase or another unit', async () => {
  const interval = { measurand: 'Energy.Active.Import.Interval', unit: 'Wh' };
  const register = { measurand: 'Energy.Active.Import.Register', unit: 'kWh' };
  await log(
    start('08:00:00', 'm1', 7, 2000),
    meter(
      '08:15:00',
      'm2',
      7,
      sample(90_000, interval),
      sample(1.5, { ...register, phase: 'L1' }),
      sample(2.75, register),
      sample(9_999_999, { measurand: 'Energy.Active.Export.Register' }),
    ),
  );
  expect(await sessions('end_time, energy_kwh, meter_start, meter_stop, stop_soc')).toEqual([
    [null, '0.75', '2000', null, null],
  ]);
});

test('several readings in one message count by their own times', async () => {
  await log(
    start('08:00:00', 'm1', 7),
    call(day('09:00:00'), 'CP', 'm2', [
      'MeterValues',
      {
        connectorId: 1,
        transactionId: 7,
        meterValue: [
          { timestamp: day('08:45:00'), sampledValue: [sample(4000)] },
          { timestamp: day('08:15:00'), sampledValue: [sample(2000)] },
        ],
      },
    ]),
  );
  expect(await sessions('energy_kwh')).toEqual([['3']]);
});

test('a session without its start is added if a reading says when it began, else counted', async () => {
  const begin = {
    timestamp: day('07:00:00'),
    sampledValue: [sample(1.2, { context: 'Transaction.Begin', unit: 'kWh' })],
  };
  const result = await log(
    stop('08:00:00', 'm1', 7, 4200, { transactionData: [begin], idTag: 'TAG' }),
    stop('08:30:00', 'm2', 8, 9000),
  );
  expect(result.logSessions).toEqual(counts(1, 0, 0, 0, 1));
  expect(await sessions('session_id, transaction_id, rfid, start_time, end_time, energy_kwh')).toEqual([
    ['ocpp/CP//2025-03-01T07:00:00Z', '7', 'TAG', '2025-03-01 07:00:00', '2025-03-01 08:00:00', '3'],
  ]);
  // The missing start arrives.
  expect((await log(start('07:59:00', 'm0', 8, 8000))).logSessions).toEqual(counts(1, 0));
  expect(await sessions('transaction_id, energy_kwh')).toEqual([
    ['7', '3'],
    ['8', '1'],
  ]);
});

test('a start without a response is an open session without transaction ID until the response arrives', async () => {
  const [request, response] = start('08:00:00', 'm1', 7);
  expect((await log([request!])).logSessions).toEqual(counts(1, 0));
  expect(await sessions('session_id, transaction_id, end_time, energy_kwh')).toEqual([
    ['ocpp/CP/1/2025-03-01T08:00:00Z', null, null, null],
  ]);
  expect((await log([response!])).logSessions).toEqual(counts(0, 1));
  expect((await log(stop('08:30:00', 'm9', 7, 3000))).logSessions).toEqual(counts(0, 1));
  expect(await sessions('session_id, transaction_id, end_time, energy_kwh')).toEqual([
    ['ocpp/CP/1/2025-03-01T08:00:00Z', '7', '2025-03-01 08:30:00', '2'],
  ]);
});

test('message IDs are reused after a reboot, by other charge points and by other messages', async () => {
  await log(
    start('08:00:00', '5', 7),
    stop('08:30:00', '6', 7, 2000),
    start('10:00:00', '5', 9, 2000),
    stop('10:30:00', '6', 9, 5000),
    call(day('08:00:00'), 'CP2', '5', ['Heartbeat', {}], { currentTime: day('08:00:00') }),
  );
  expect(await sessions('transaction_id, start_time, energy_kwh')).toEqual([
    ['7', '2025-03-01 08:00:00', '1'],
    ['9', '2025-03-01 10:00:00', '3'],
  ]);
});

test('transaction IDs 0 and -1 that repeat are separate sessions', async () => {
  await log(
    start('08:00:00', 'a', 0),
    stop('08:30:00', 'b', 0, 2000),
    start('09:00:00', 'c', 0, 2000),
    meter('09:10:00', 'd', 0, sample(2500)),
    stop('09:30:00', 'e', 0, 5000),
    start('10:00:00', 'f', -1, 5000),
    start('11:00:00', 'g', 0, 5000),
    meter('11:30:00', 'h', 0, sample(5100)),
  );
  expect(await sessions('transaction_id, start_time, end_time, energy_kwh')).toEqual([
    ['0', '2025-03-01 08:00:00', '2025-03-01 08:30:00', '1'],
    ['0', '2025-03-01 09:00:00', '2025-03-01 09:30:00', '3'],
    ['-1', '2025-03-01 10:00:00', null, null],
    ['0', '2025-03-01 11:00:00', null, '0.1'],
  ]);
});

test('two charge points may have the same transaction ID', async () => {
  const other = (frames: Frame[]): Frame[] => frames.map((each) => ({ ...each, station: 'CP2' }));
  await log(
    start('08:00:00', 'a', 7),
    other(start('08:05:00', 'a', 7, 50)),
    stop('08:30:00', 'b', 7, 2000),
    other(stop('08:40:00', 'b', 7, 2050)),
  );
  expect(await sessions('station_id, start_time, end_time, energy_kwh')).toEqual([
    ['CP', '2025-03-01 08:00:00', '2025-03-01 08:30:00', '1'],
    ['CP2', '2025-03-01 08:05:00', '2025-03-01 08:40:00', '2'],
  ]);
});

test('a start that is sent again, late, is one session', async () => {
  const sent = { connectorId: 1, idTag: 'TAG', meterStart: 0, timestamp: day('06:00:00') };
  await log(
    call(day('08:00:00'), 'CP', 'a', ['StartTransaction', sent]),
    call(day('08:01:00'), 'CP', 'b', ['StartTransaction', sent], { transactionId: 7 }),
    call(day('08:02:00'), 'CP', 'c', ['StartTransaction', sent], { transactionId: 8 }),
    call(day('08:02:10'), 'CP', 'd', [
      'StopTransaction',
      { transactionId: 7, meterStop: 1500, timestamp: day('07:00:00') },
    ]),
  );
  expect(await sessions('transaction_id, start_time, end_time, energy_kwh')).toEqual([
    ['7', '2025-03-01 06:00:00', '2025-03-01 07:00:00', '1.5'],
  ]);
});

test('a log of calls alone pairs starts and stops by connector, tag and meter', async () => {
  const result = await log(
    start('08:00:00', 'a', null, 1000, 1),
    start('08:05:00', 'b', null, 700_000, 2),
    meter('08:10:00', 'c', 41, sample(1500)),
    stop('08:30:00', 'd', 41, 3000),
    stop('08:40:00', 'e', 42, 704_000),
    start('09:00:00', 'f', null, 3000, 1),
    stop('09:30:00', 'g', 43, 3500, { idTag: 'tag' }),
    // Two candidates that both fit.
    start('10:00:00', 'h', null, 3500, 1),
    start('10:00:05', 'i', null, 3600, 2),
    stop('10:30:00', 'j', 44, 4000),
  );
  expect(result.logSessions).toEqual(counts(5, 0, 0, 0, 1));
  expect(await sessions('connector_id, transaction_id, start_time, end_time, energy_kwh')).toEqual([
    ['1', '41', '2025-03-01 08:00:00', '2025-03-01 08:30:00', '2'],
    ['2', '42', '2025-03-01 08:05:00', '2025-03-01 08:40:00', '4'],
    ['1', '43', '2025-03-01 09:00:00', '2025-03-01 09:30:00', '0.5'],
    ['1', null, '2025-03-01 10:00:00', null, null],
    ['2', null, '2025-03-01 10:00:05', null, null],
  ]);
});

test('a meter that runs backwards gives no energy', async () => {
  await log(start('08:00:00', 'a', 7, 5000), stop('08:30:00', 'b', 7, 0, { reason: 'PowerLoss' }));
  expect(await sessions('energy_kwh, meter_start, meter_stop, invalid_meter_reading, stop_reason')).toEqual([
    [null, '5000', '0', 'true', 'PowerLoss'],
  ]);
});

const event = (time: string, id: string, eventType: string, payload: object): Frame[] =>
  call(day(time), 'CP', id, [
    'TransactionEvent',
    {
      eventType,
      timestamp: day(time),
      triggerReason: 'Trigger',
      seqNo: 0,
      transactionInfo: { transactionId: 'tx-1', ...(payload as { info?: object }).info },
      ...payload,
      info: undefined,
    },
  ]);
const register = (value: number, context: string, fields: object = {}): object => ({
  value,
  context,
  measurand: 'Energy.Active.Import.Register',
  ...fields,
});

test('transaction events of OCPP 2.0.1 become a session', async () => {
  const at = (time: string, ...sampledValue: object[]): object[] => [{ timestamp: day(time), sampledValue }];
  const frames = [
    event('08:00:00', 'a', 'Started', {
      meterValue: at('08:00:00', register(12, 'Transaction.Begin', { unitOfMeasure: { unit: 'Wh', multiplier: 3 } })),
    }),
    event('08:01:00', 'b', 'Updated', {
      evse: { id: 2, connectorId: 1 },
      idToken: { idToken: 'DE*TAG', type: 'eMAID' },
      info: { chargingState: 'Charging' },
    }),
    event('08:30:00', 'c', 'Updated', {
      meterValue: at(
        '08:30:00',
        register(3000, 'Sample.Periodic', { phase: 'L1' }),
        register(14.5, 'Sample.Periodic', { unitOfMeasure: { unit: 'kWh' } }),
        { value: 800, measurand: 'Energy.Active.Import.Interval' },
        { value: 61, measurand: 'SoC', unitOfMeasure: { unit: 'Percent' } },
      ),
    }),
    event('09:00:00', 'd', 'Ended', {
      info: { stoppedReason: 'EVDisconnected', timeSpentCharging: 3000 },
      meterValue: [
        ...at('08:59:00', register(18_000, 'Transaction.End', { location: 'Outlet' })),
        ...at('09:00:00', register(99_000, 'Transaction.End', { location: 'Inlet' })),
      ],
    }),
  ];
  const listed = `${columns}, charging_seconds, stop_soc`;
  const expected = [
    'ocpp/CP/tx-1',
    'tx-1',
    '2/1',
    'DE*TAG',
    '2025-03-01 08:00:00',
    '2025-03-01 09:00:00',
    '6',
    '12000',
    '18000',
    'EVDisconnected',
    '3000',
    '61',
  ];
  await log(...frames.slice(0, 3));
  expect(await sessions('end_time, energy_kwh, stop_reason')).toEqual([[null, '2.5', null]]);
  expect((await log(frames[3]!)).logSessions).toEqual(counts(0, 1));
  expect(await sessions(listed)).toEqual([expected]);
  await empty('charging_sessions');
  await empty('charge_point_events');
  // No reading says when it began.
  expect((await log(...frames.slice(1))).logSessions).toEqual(counts(0, 0, 0, 0, 1));
  expect((await log(frames[0]!)).logSessions).toEqual(counts(1, 0));
  expect(await sessions(listed)).toEqual([expected]);
  expect(
    await rows(
      'select connector_id, transaction_id, id_tag, reason, meter_wh from charge_point_events order by event_time',
    ),
  ).toEqual([
    [null, 'tx-1', null, null, '12000'],
    ['2/1', 'tx-1', 'DE*TAG', null, null],
    [null, 'tx-1', null, null, '14500'],
    [null, 'tx-1', null, 'EVDisconnected', '18000'],
  ]);
});

test('a single reading of OCPP 2.0.1 gives no energy', async () => {
  await log(
    event('08:00:00', 'a', 'Started', { evse: { id: 1 } }),
    event('09:00:00', 'b', 'Ended', {
      meterValue: [{ timestamp: day('09:00:00'), sampledValue: [register(18_000, 'Transaction.End')] }],
    }),
  );
  expect(await sessions('connector_id, end_time, energy_kwh, meter_start, meter_stop')).toEqual([
    ['1', '2025-03-01 09:00:00', null, null, '18000'],
  ]);
});

test('a log without any known start creates no sessions, even in a new database', async () => {
  await duckdb.run('drop view if exists temp.charging_sessions');
  await duckdb.run('drop table if exists db.main.charging_sessions');
  expect((await log(stop('08:30:00', 'b', 7, 3000))).logSessions).toEqual(counts(0, 0, 0, 0, 1));
  expect(await sessions()).toEqual([]);
});

test('captures give sessions too', async () => {
  const capture = (loggedAt: string, ...frame: unknown[]): string =>
    JSON.stringify({ source: 'me', station: 'CP', logged_at: loggedAt, dir: 'recv', frame, note: '' });
  const sent = { connectorId: 1, idTag: 'TAG', meterStart: 10, timestamp: '2025-03-01T08:00:00Z' };
  await lines(
    capture('2025-03-01 08:00:01', 2, '7', 'StartTransaction', sent),
    capture('2025-03-01 08:00:02', 3, '7', { transactionId: 25, idTagInfo: { status: 'Accepted' } }),
    capture('2025-03-01 09:00:01', 2, '8', 'StopTransaction', {
      transactionId: 25,
      meterStop: 1510,
      timestamp: '2025-03-01T09:00:00Z',
    }),
  );
  expect(await sessions('session_id, transaction_id, end_time, energy_kwh')).toEqual([
    ['ocpp/CP/1/2025-03-01T08:00:00Z', '25', '2025-03-01 09:00:00', '1.5'],
  ]);
});

test('odd readings are ignored, and times without an offset are in the zone of the import', async () => {
  const text = ocppLog(
    [
      call('2025-03-01 09:00:00', 'CP', 'a', [
        'StopTransaction',
        {
          transactionId: 7,
          meterStop: 4200,
          timestamp: '2025-03-01T09:00:00',
          transactionData: [
            { timestamp: '2025-03-01T08:00:00', sampledValue: [sample(1200, { context: 'Transaction.Begin' })] },
            {
              timestamp: 'infinity',
              sampledValue: [sample('1e999'), sample('NaN'), sample('SIGNED', { format: 'SignedData' })],
            },
            { timestamp: 5, sampledValue: { value: '3' } },
            'none',
          ],
        },
      ]),
    ].flat(),
  );
  await content('local.csv', text, { zone: 'Europe/Berlin' });
  expect(await sessions('start_time, end_time, energy_kwh')).toEqual([
    ['2025-03-01 07:00:00', '2025-03-01 08:00:00', '3'],
  ]);
});

const cdr = (id: string, fields: string, header = 'station_id,transaction_id,start_time,end_time,energy_kwh') =>
  lines(`session_id,${header}`, `${id},${fields}`);
const whole = [start('08:00:00', 'a', 7), stop('08:30:00', 'b', 7, 3000)];

test.each([
  ['transaction ID, in another time zone', 'CP,7,2025-03-01 10:00:00,2025-03-01 10:30:00,2.1', undefined],
  [
    'time and connector',
    'CP,1,2025-03-01 08:01:00,2025-03-01 08:30:00,2.1',
    'station_id,connector_id,start_time,end_time,energy_kwh',
  ],
])('a session of another file with the same %s is kept, before and after the log', async (_, fields, header) => {
  await cdr('cdr-1', fields, header);
  expect((await log(...whole)).logSessions).toEqual(counts(0, 0, 0, 1));
  expect(await sessions('session_id, energy_kwh')).toEqual([['cdr-1', '2.1']]);
  await empty('charging_sessions');
  await empty('charge_point_events');
  await log(...whole);
  expect((await cdr('cdr-1', fields, header)).logSessions).toEqual(counts(0, 0, 1, 1));
  expect(await sessions('session_id, energy_kwh')).toEqual([['cdr-1', '2.1']]);
});

test.each([
  ['another transaction of the charge point', 'CP,8,2025-03-01 10:00:00,2025-03-01 10:30:00,2.1'],
  ['a reused transaction ID', 'CP,7,2025-02-01 08:00:00,2025-02-01 08:30:00,2.1'],
  ['another charge point', 'CP2,7,2025-03-01 08:00:00,2025-03-01 08:30:00,2.1'],
  ['the session right before it', 'CP,6,2025-03-01 07:58:00,2025-03-01 07:59:30,2.1'],
])('a session of another file that is %s leaves the session of the log', async (_, fields) => {
  await cdr('cdr-1', fields);
  expect((await log(...whole)).logSessions).toEqual(counts(1, 0));
  await cdr('cdr-2', fields);
  expect((await rows('select count(*) from charging_sessions'))[0]).toEqual(['3']);
});

test('transaction ID 0 of another file says nothing', async () => {
  await log(start('08:00:00', 'a', 0), stop('08:30:00', 'b', 0, 3000), start('12:00:00', 'c', 0, 3000));
  expect((await cdr('cdr-1', 'CP,0,2025-03-01 12:00:30,,2.1')).logSessions).toEqual(counts(0, 0, 1, 1));
  expect(await sessions('session_id, start_time')).toEqual([
    ['ocpp/CP/1/2025-03-01T08:00:00Z', '2025-03-01 08:00:00'],
    ['cdr-1', '2025-03-01 12:00:30'],
  ]);
});

test('an issue of a session from a log is resolved when another file provides the session', async () => {
  await log(start('08:00:00', 'a', 7, 5000), stop('08:30:00', 'b', 7, 0));
  await cdr('cdr-1', 'CP,7,2025-03-01 08:00:00,2025-03-01 08:30:00,2.1');
  expect(await rows('select rule, session_id from resolved_issues')).toEqual([
    ['meter_contradiction', 'ocpp/CP/1/2025-03-01T08:00:00Z'],
  ]);
});

test('the same log again changes nothing; a correction of a session and its other columns stay', async () => {
  await log(...whole);
  await lines(
    'session_id,station_id,start_time,end_time,energy_kwh,amount_paid,timestamp',
    'ocpp/CP/1/2025-03-01T08:00:00Z,CP,2025-03-01 08:00:00,2025-03-01 08:30:00,1.9,3.5,2025-03-02 00:00:00',
  );
  expect((await log(...whole)).logSessions).toEqual(counts(0, 0));
  expect(await sessions('energy_kwh, amount_paid, transaction_id')).toEqual([['1.9', '3.5', '7']]);
});

test('a log that replaces all events replaces their sessions', async () => {
  await log(...whole, start('09:00:00', 'c', 8, 3000));
  await cdr('cdr-1', 'CP9,7,2025-03-01 08:00:00,2025-03-01 08:30:00,2.1');
  const result = await content(
    'new.csv',
    ocppLog([start('10:00:00', 'd', 9, 3000), stop('10:10:00', 'e', 9, 3500)].flat()),
    {
      replaced: new Set(),
    },
  );
  expect(result.logSessions).toEqual(counts(1, 0, 2));
  expect(await sessions('transaction_id, energy_kwh')).toEqual([
    ['7', '2.1'],
    ['9', '0.5'],
  ]);
  expect(
    (await content('none.csv', ocppLog(call(day('11:00:00'), 'CP', 'h', ['Heartbeat', {}])), { replaced: new Set() }))
      .logSessions,
  ).toEqual(counts(0, 0, 1));
});

test('events without transactions give no count of sessions', async () => {
  const result = await log(
    call(day('08:00:00'), 'CP', 'h', ['Heartbeat', {}], { currentTime: day('08:00:00') }),
    call(
      day('08:00:01'),
      'CP',
      's',
      ['StatusNotification', { connectorId: 1, status: 'Charging', errorCode: 'NoError' }],
      {},
    ),
  );
  expect(result.logSessions).toBeUndefined();
  expect(await rows('select * from charging_sessions')).toEqual([]);
});
