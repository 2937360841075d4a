import { expect, test } from 'vitest';
import { literal } from '../../src/warehouse/duckdb.ts';
import { openEngine } from '../support/duckdb.ts';

const { duckdb } = await openEngine();
const valueOf = async (sql: string): Promise<unknown> => (await duckdb.row(`select ${sql} as x`))['x'];
const textOrNull = (text: string | null): string => (text === null ? 'null::varchar' : literal(text));

const instants: [text: string, order: string | null, zone: string, instant: string | null][] = [
  ['7/29/2011 20:17', 'mdy', 'UTC', '2011-07-29 20:17:00'],
  ['7/29/2011 8:17', 'mdy', 'UTC', '2011-07-29 08:17:00'],
  ['21.12.2018 10:20', 'dmy', 'Europe/Oslo', '2018-12-21 09:20:00'],
  ['01.03.17 10:30', 'mdy', 'UTC', '2017-01-03 10:30:00'],
  ['01.03.17', 'dmy', 'UTC', '2017-03-01 00:00:00'],
  ['31/12/2020 14:24:05', 'dmy', 'UTC', '2020-12-31 14:24:05'],
  ['31/12/2020', 'mdy', 'UTC', null],
  ['31/12/2020 14:24', null, 'UTC', null],
  ['7/29/2011 8:17 PM', 'mdy', 'UTC', '2011-07-29 20:17:00'],
  ['7/29/2011, 12:17:09 am', 'mdy', 'UTC', '2011-07-29 00:17:09'],
  ['Mon, 25 Mar 2019 16:24:42 GMT', null, 'Europe/Oslo', '2019-03-25 16:24:42'],
  ['21-Dec-2018 10:20', null, 'UTC', '2018-12-21 10:20:00'],
  ['Dec 21, 2018 10:20 PM', null, 'UTC', '2018-12-21 22:20:00'],
  ['2018/01/12 15:54:00+00', null, 'America/Denver', '2018-01-12 15:54:00'],
  ['2018/1/2 5:04', null, 'America/Denver', '2018-01-02 12:04:00'],
  ['2019-10-01 00:00:00 UTC', null, 'Europe/Oslo', '2019-10-01 00:00:00'],
  ['2024-08-03 18:16+0200', null, 'UTC', '2024-08-03 16:16:00'],
  ['2024-08-03T18:16Z', null, 'Europe/Oslo', '2024-08-03 18:16:00'],
  ['2024-08-03T18:16:00-02:30', null, 'UTC', '2024-08-03 20:46:00'],
  ['2024-08-03T18:16:00.1234567Z', null, 'UTC', '2024-08-03 18:16:00.123456'],
  ['2011-8-3 5:35-07:00', null, 'UTC', '2011-08-03 12:35:00'],
  ['2018-01-05', null, 'UTC', '2018-01-05 00:00:00'],
  ['0014-11-18 15:40:26', null, 'UTC', '0014-11-18 15:40:26'],
  ['infinity', null, 'UTC', null],
  ['epoch', null, 'UTC', null],
  ['tomorrow', null, 'UTC', null],
  ['2024-02-30 10:00', null, 'UTC', null],
  // The hour from 02:00 to 03:00 occurred twice in Oslo on this day; the first pass was still at +02:00.
  ['2018-10-28 02:30:00', null, 'Europe/Oslo', '2018-10-28 00:30:00'],
  ['2018-10-28 01:59:00', null, 'Europe/Oslo', '2018-10-27 23:59:00'],
  ['2018-10-28 03:00:00', null, 'Europe/Oslo', '2018-10-28 02:00:00'],
];
test.each(instants)('the time %s (%s, %s) is %s', async (text, order, zone, instant) => {
  expect(await valueOf(`written_instant(${literal(text)}, ${textOrNull(order)}, ${literal(zone)})::varchar`)).toBe(
    instant,
  );
});

test.each([
  ['1711111111', '2024-03-22 12:38:31'],
  ['1711111111.5', '2024-03-22 12:38:31.5'],
  ['1711111111123', '2024-03-22 12:38:31.123'],
  ['1711111111123456', '2024-03-22 12:38:31.123456'],
  ['946684800', '2000-01-01 00:00:00'],
  ['20240131', null],
  ['-1711111111', null],
])('the digits %s are %s', async (text, instant) => {
  expect(await valueOf(`unix_instant(${literal(text)})::varchar`)).toBe(instant);
});

const numbers: [text: string, unit: string, mark: string | null, value: number | null][] = [
  ['17 kWh', 'kWh', null, 17],
  ['17kWh', 'kWh', null, 17],
  ['17000 Wh', 'kWh', null, 17],
  ['0.017 MWh', 'kWh', null, 17],
  ['5 kWh', 'Wh', null, 5000],
  ['12 kW', 'kWh', null, null],
  ['7 %', 'kWh', null, null],
  ['80 %', 'percent', null, 80],
  ['1.234,5 kWh', 'kWh', ',', 1234.5],
  ['29,87', 'kWh', ',', 29.87],
  ['0,136666667', 'kWh', ',', 0.136666667],
  ['1.234', 'kWh', ',', 1234],
  ['3.5', 'kWh', ',', null],
  ['1,234', 'kWh', null, null],
  ['1,5', 'kWh', '.', null],
  ['1,234.5', 'kWh', '.', 1234.5],
  ['1,234,567', 'kWh', '.', 1234567],
  ['12,34', 'kWh', '.', null],
  ['€ 1.50', 'currency', null, 1.5],
  ['1.50 EUR', 'currency', null, 1.5],
  ['1,50 €', 'currency', ',', 1.5],
  ['-$1.50', 'currency', null, -1.5],
  ['$1,234.50', 'currency', '.', 1234.5],
  ["CHF 1'234.50", 'currency', null, 1234.5],
  ['USD', 'currency', null, null],
  ['1 234.5', '', null, 1234.5],
  ['1\u00a0234,5', '', ',', 1234.5],
  ['1e3', '', null, 1000],
  ['NaN', '', null, null],
  ['x', 'kWh', null, null],
];
test.each(numbers)('the number %s in %s with mark %s is %s', async (text, unit, mark, value) => {
  expect(await valueOf(`written_number(${literal(text)}, ${literal(unit)}, ${textOrNull(mark)})`)).toBe(value);
});

test.each([
  ['1:32:05', 5525],
  ['0:02', 120],
  ['838:59:59', 3020399],
  ['PT1H32M5S', 5525],
  ['PT45M', 2700],
  ['1:99', null],
  ['soon', null],
])('the duration %s is %s seconds', async (text, seconds) => {
  expect(await valueOf(`clock_seconds(${literal(text)})`)).toBe(seconds);
});

test.each([
  ['5664', '5664×0.001'],
  ['0.5', '0.5×0.001'],
  ['n/a', 'n/a'],
])('%s times 0.001 is %s', async (text, product) => {
  expect(await valueOf(`times(${literal(text)}, 0.001)`)).toBe(product);
});

test.each([
  ['12.5×0.001', null, 0.0125],
  ['12,5×0.001', ',', 0.0125],
  ['1.234,5 Wh×1000', ',', 1234.5],
  ['700×0.001', null, 0.7],
  ['1,234×0.001', null, null],
  ['many×0.001', null, null],
])('the number %s with the mark %s is %s', async (text, mark, number) => {
  expect(await valueOf(`written_number(${literal(text)}, 'kWh', ${textOrNull(mark)})`)).toBe(number);
});

test.each([
  ['01.03.17', '10:30', '01.03.17 10:30'],
  [null, null, null],
  ['01.03.17', null, '01.03.17 ?'],
  [null, '10:30', '? 10:30'],
])('the day %s and the clock time %s give %s', async (day, clock, text) => {
  expect(await valueOf(`day_and_time(${textOrNull(day)}, ${textOrNull(clock)})`)).toBe(text);
});

test.each([
  ['{"excl_vat": 4.05, "incl_vat": 4.90}', '4.05'],
  ['{"incl_vat": 4.90}', null],
  ['{"excl_vat": null}', null],
  ['4.05', '4.05'],
  ['{"excl_vat": 4', '{"excl_vat": 4'],
  ['on the house', 'on the house'],
])('in %s the member excl_vat is %s', async (text, member) => {
  expect(await valueOf(`member(${literal(text)}, '$.excl_vat')`)).toBe(member);
});

const frames: [frame: string, event: string | null, transaction: string | null, meter: string | null][] = [
  ['[2,"1","BootNotification",{}]', 'boot', null, null],
  ['[2,"1","StopTransaction",{"transactionId":7}]', 'stop_transaction', '7', null],
  ['[2,"1","DataTransfer",{}]', 'DataTransfer', null, null],
  ['[3,"1",{"transactionId":7}]', 'call_result', '7', null],
  ['[4,"1","InternalError","",{}]', 'call_error', null, null],
  [
    '[2,"1","MeterValues",{"meterValue":[{"sampledValue":[{"value":"1","measurand":"Voltage"},{"value":"5","phase":"L1"},{"value":"18.5","unit":"kWh"}]}]}]',
    'meter',
    null,
    '18.5 kWh',
  ],
  ['[2,"1","MeterValues",{"meterValue":[{"sampledValue":[{"value":"18"}]}]}]', 'meter', null, '18'],
  ['{}', null, null, null],
  ['[2,"1"', '[2,"1"', null, null],
];
test.each(frames)('the frame %s is %s, of transaction %s, reading %s', async (frame, event, transaction, meter) => {
  const [value] = await duckdb.rows(`select ocpp_event(f) as event, ocpp_field(f, 'transactionId') as transaction,
    ocpp_reading(f, 'Energy.Active.Import.Register') as meter from (select ${literal(frame)} as f)`);
  expect(value).toEqual({ event, transaction, meter });
});

const componentsOf = (...elements: object[]): string => JSON.stringify(elements);
test.each([
  [
    'by day and by night',
    componentsOf(
      { price_components: [{ type: 'ENERGY', price: 0.5 }], restrictions: { start_time: '08:00' } },
      {
        price_components: [
          { type: 'FLAT', price: 1 },
          { type: 'ENERGY', price: 0.25 },
        ],
      },
    ),
    '0.25',
  ],
  [
    'by day alone',
    componentsOf({ price_components: [{ type: 'ENERGY', price: 0.5 }], restrictions: { start_time: '08:00' } }),
    null,
  ],
  [
    'with no restriction in it',
    componentsOf({ price_components: [{ type: 'ENERGY', price: 0.5 }], restrictions: {} }),
    '0.5',
  ],
  ['not at all', componentsOf({ price_components: [{ type: 'FLAT', price: 1 }] }), null],
  ['in words', 'ask at the desk', null],
])('energy priced %s', async (_, elements, price) => {
  expect(await valueOf(`ocpi_component(${literal(elements)}, 'ENERGY', '$.price')`)).toBe(price);
});
