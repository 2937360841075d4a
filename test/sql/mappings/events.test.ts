import { expect, test } from 'vitest';
import { scratch } from '../../support/cli.ts';
import { cliDatabase, rejectionReasons, summarize } from './cli-database.ts';

const folder = scratch();

const lines = (...all: string[]): string => `${all.join('\n')}\n`;
const quoted = (...frame: unknown[]): string => `"${JSON.stringify(frame).replaceAll('"', '""')}"`;

const columns =
  'event_type, event_time, connector_id, status, error_code, info, reason, transaction_id, id_tag, meter_wh, power_kw, soc';

test('a log of OCPP messages keeps every frame', async () => {
  const { text, rows } = cliDatabase(folder);
  const reading = {
    connectorId: 1,
    transactionId: 7,
    meterValue: [
      {
        timestamp: '2025-10-01T08:19:01.700Z',
        sampledValue: [
          { value: '16.1', unit: 'A', measurand: 'Current.Import', phase: 'L1' },
          { value: '2300.5', unit: 'kWh' },
          { value: '7360.0', unit: 'W', measurand: 'Power.Active.Import' },
          { value: '55', unit: 'Percent', measurand: 'SoC' },
        ],
      },
    ],
  };
  const [taken] = await text(
    lines(
      'timestamp,id,action,msg',
      `2025-10-01T08:00:00.000Z,CH-1,Heartbeat,${quoted(2, 'h1', 'Heartbeat', {})}`,
      `2025-10-01T08:00:00.100Z,CH-1,,${quoted(3, 'h1', { currentTime: '2025-10-01T08:00:00.000Z' })}`,
      `2025-10-01T08:00:00.100Z,CH-1,,${quoted(3, 'h1', { currentTime: '2025-10-01T08:00:00.000Z' })}`,
      `2025-10-01T08:01:00.000Z,CH-1,StatusNotification,${quoted(2, 's1', 'StatusNotification', { connectorId: 1, status: 'Faulted', errorCode: 'Error', info: 'latch', timestamp: '2025-10-01T08:00:59.1234567Z' })}`,
      `2025-10-01T08:02:00.000Z,CH-1,StartTransaction,${quoted(2, 't1', 'StartTransaction', { connectorId: 1, idTag: 'ABC', timestamp: '2025-10-01T08:02:00Z', meterStart: 2300123 })}`,
      `2025-10-01T08:02:01.000Z,CH-1,,${quoted(3, 't1', { transactionId: 7, idTagInfo: { status: 'Accepted' } })}`,
      `2025-10-01T08:19:02.000Z,CH-1,MeterValues,${quoted(2, 'm1', 'MeterValues', reading)}`,
      `2025-10-01T08:20:00.000Z,CH-1,StopTransaction,${quoted(2, 't2', 'StopTransaction', { transactionId: 7, meterStop: 2300700, reason: 'EVDisconnected', timestamp: '2025-10-01T08:20:00Z' })}`,
      `2025-10-01T08:21:00.000Z,CH-1,DataTransfer,${quoted(2, 'd1', 'DataTransfer', { vendorId: 'x' })}`,
      `2025-10-01T08:21:00.100Z,CH-1,,${quoted(4, 'd1', 'NotImplemented', '', {})}`,
      '2025-10-01T08:22:00.000Z,CH-1,Heartbeat,"[2, ""h2"""',
      `2025-10-01T08:23:00.000Z,,Heartbeat,${quoted(2, 'h3', 'Heartbeat', {})}`,
    ),
  );
  expect(summarize(taken!)).toBe('charge_point_events by ocpp_log: 12 = 10 + 0 + 0 + 2');
  expect(rejectionReasons(taken!).toSorted()).toEqual(['1 payload not valid JSON', '1 station_id is missing']);
  expect(await rows(`select ${columns} from charge_point_events order by event_time`)).toEqual([
    ['heartbeat', '2025-10-01 08:00:00', null, null, null, null, null, null, null, null, null, null],
    ['call_result', '2025-10-01 08:00:00.1', null, null, null, null, null, null, null, null, null, null],
    ['call_result', '2025-10-01 08:00:00.1', null, null, null, null, null, null, null, null, null, null],
    ['status', '2025-10-01 08:00:59.123456', '1', 'Faulted', 'Error', 'latch', null, null, null, null, null, null],
    ['start_transaction', '2025-10-01 08:02:00', '1', null, null, null, null, null, 'ABC', '2300123', null, null],
    ['call_result', '2025-10-01 08:02:01', null, null, null, null, null, '7', null, null, null, null],
    ['meter', '2025-10-01 08:19:01.7', '1', null, null, null, null, '7', null, '2300500', '7.36', '55'],
    [
      'stop_transaction',
      '2025-10-01 08:20:00',
      null,
      null,
      null,
      null,
      'EVDisconnected',
      '7',
      null,
      '2300700',
      null,
      null,
    ],
    ['DataTransfer', '2025-10-01 08:21:00', null, null, null, null, null, null, null, null, null, null],
    ['call_error', '2025-10-01 08:21:00.1', null, null, null, null, null, null, null, null, null, null],
  ]);
  expect(await rows("select event_id from charge_point_events where event_id like '%h1%' order by 1")).toEqual([
    ['CH-1/2025-10-01T08:00:00.1Z/call_result/h1'],
    ['CH-1/2025-10-01T08:00:00.1Z/call_result/h1#2'],
    ['CH-1/2025-10-01T08:00:00Z/heartbeat/h1'],
  ]);
});

test('OCPP captures are detected by their frames', async () => {
  const { text, rows } = cliDatabase(folder);
  const capture = (station: string | null, loggedAt: string | null, ...frame: unknown[]): string =>
    JSON.stringify({ source: 'me', station, logged_at: loggedAt, dir: 'recv', frame, note: '' });
  const [taken] = await text(
    lines(
      capture('CP1', '2024-08-03 18:16:55.669', 2, '1', 'StatusNotification', {
        connectorId: 0,
        errorCode: 'NoError',
        status: 'Faulted',
        timestamp: '2024-08-03T16:16:55Z',
      }),
      capture('CP1', '02.10.2023 06:56:00', 2, '2', 'Heartbeat', {}),
      capture('CP1', '2023/09/23 12:39:47', 3, '3', { currentTime: '2023-09-23T10:39:47Z' }),
      capture('CP1', null, 2, '4', 'Heartbeat', {}),
      capture(null, null, 2, '5', 'StatusNotification', {
        connectorId: 1,
        errorCode: 'OverVoltage',
        status: 'Faulted',
        timestamp: '2023-04-05T10:19:38.000Z',
      }),
    ),
  );
  expect(summarize(taken!)).toBe('charge_point_events by ocpp_captures: 5 = 3 + 0 + 0 + 2');
  expect(rejectionReasons(taken!).toSorted()).toEqual(['1 event_time is missing', '1 station_id is missing']);
  expect(
    await rows(
      'select event_type, event_time, connector_id, status, error_code from charge_point_events order by event_time',
    ),
  ).toEqual([
    ['call_result', '2023-09-23 10:39:47', null, null, null],
    ['heartbeat', '2023-10-02 06:56:00', null, null, null],
    ['status', '2024-08-03 16:16:55', '0', 'Faulted', 'NoError'],
  ]);
});

test('REES46 shop events keep their long IDs', async () => {
  const { text, rows } = cliDatabase(folder);
  const [taken] = await text(
    lines(
      'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session',
      '2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiny,35.79,541312140,72d7',
      '2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiny,35.79,541312140,72d7',
      '2019-10-01 00:00:09 UTC,purchase,44600062,2103807459595387724,home.lamp,,35.70,541312140,72d7',
      '2019-10-01 00:00:10 UTC,cart,44600062,2103807459595387724,home.lamp,,gratis,541312140,72d7',
    ),
  );
  expect(summarize(taken!)).toBe('customer_events by rees46: 4 = 2 + 0 + 1 + 1');
  expect(rejectionReasons(taken!)).toEqual(['1 price not a valid number']);
  expect(
    await rows(
      'select customer_id, event_type, event_timestamp, session_id, product_id, category_id, price from customer_events order by event_timestamp',
    ),
  ).toEqual([
    ['541312140', 'view', '2019-10-01 00:00:00', '72d7', '44600062', '2103807459595387724', '35.79'],
    ['541312140', 'purchase', '2019-10-01 00:00:09', '72d7', '44600062', '2103807459595387724', '35.7'],
  ]);
});

test('UCI invoices keep refunds apart and count duplicates', async () => {
  const { text, rows } = cliDatabase(folder);
  const [taken] = await text(
    lines(
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
      '536365,85123A,"WHITE LAMP, SMALL",6,2011-07-01 08:26:00,2.55,17850.0,United Kingdom',
      '536365,85123A,"WHITE LAMP, SMALL",6,2011-07-01 08:26:00,2.55,17850.0,United Kingdom',
      '536365,85123A,"WHITE LAMP, SMALL",1,2011-07-01 08:26:00,2.55,17850.0,United Kingdom',
      'C536379,D,Discount,-1,2011-07-01 09:41:00,27.505,14527.0,France',
      'A5,B,Adjust bad debt,1,2011-07-01 09:42:00,-11.06,14527.0,France',
      '536414,22139,,56,2011-07-01 11:52:00,0.0,,United Kingdom',
      '536415,22139,LAMP,half,2011-07-01 11:53:00,1,17850.0,United Kingdom',
    ),
  );
  expect(summarize(taken!)).toBe('customer_events by uci_online_retail: 7 = 6 + 0 + 0 + 1');
  expect(rejectionReasons(taken!).toSorted()).toEqual(['1 quantity not a valid integer']);
  expect(
    await rows(
      'select event_id, customer_id, event_type, event_timestamp, session_id, product_id, price, quantity, country from customer_events order by event_id',
    ),
  ).toEqual([
    [
      '536365/85123A/1/2.55',
      '17850',
      'purchase',
      '2011-07-01 07:26:00',
      '536365',
      '85123A',
      '2.55',
      '1',
      'United Kingdom',
    ],
    [
      '536365/85123A/6/2.55',
      '17850',
      'purchase',
      '2011-07-01 07:26:00',
      '536365',
      '85123A',
      '2.55',
      '6',
      'United Kingdom',
    ],
    [
      '536365/85123A/6/2.55#2',
      '17850',
      'purchase',
      '2011-07-01 07:26:00',
      '536365',
      '85123A',
      '2.55',
      '6',
      'United Kingdom',
    ],
    ['536414/22139/56/0', null, 'purchase', '2011-07-01 10:52:00', '536414', '22139', '0', '56', 'United Kingdom'],
    ['A5/B/1/-11.06', '14527', 'adjustment', '2011-07-01 08:42:00', 'A5', 'B', '-11.06', '1', 'France'],
    ['C536379/D/-1/27.505', '14527', 'refund', '2011-07-01 08:41:00', 'C536379', 'D', '27.505', '-1', 'France'],
  ]);
});

test("AIL's list of stations gives sites and charge points", async () => {
  const { text, rows } = cliDatabase(folder);
  const taken = await text(
    [
      'ChargingStationId,ChargingStationName,Description,Paese,Stazione,X,Y,osservazioni GIS',
      '19,A - 06 - PORTO,Gratuita,Agno,"A - 06 - PORTO, Agno",,,Non presente',
      ',A - 07 - VIA,,Bedano,"A - 07 - VIA, Bedano",714540.3,101094.6,',
      '',
    ].join('\r\n'),
  );
  expect(taken.map(summarize).toSorted()).toEqual([
    'charge_points by ail_lugano_charge_points: 2 = 1 + 0 + 0 + 1',
    'sites by ail_lugano_sites: 2 = 1 + 0 + 0 + 1',
  ]);
  expect(taken.flatMap(rejectionReasons)).toEqual(['1 station_id is missing', '1 site_id is missing']);
  expect(
    await rows(
      'select station_id, charge_point_name, site_id, site_name, city, country, timezone from charge_points join sites using (site_id)',
    ),
  ).toEqual([['19', 'A - 06 - PORTO', '19', 'A - 06 - PORTO, Agno', 'Agno', 'CH', 'Europe/Zurich']]);
});
