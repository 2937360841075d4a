import { expect, test } from 'vitest';
import { dataSets, startInProcessServer } from '../../support/in-process-server.ts';

const { app, stderrText } = await startInProcessServer({ files: dataSets('lobby') });
const url = '/charging-events/site/lobby?from=2025-12-01&to=2025-12-31';
type Document = {
  charging_events: Record<string, unknown>[];
  count: number;
  truncated: boolean;
  dto_presence: boolean;
};
const ask = async (more = ''): Promise<Document> => (await app.inject(url + more)).json() as Document;

/** Fields of the document's tables, in order, with their types. */
const fields: [name: string, type: 'string' | 'number' | 'boolean' | 'object'][] = [
  ['transaction_id', 'number'],
  ['occurrence_time', 'string'],
  ['start_time', 'string'],
  ['stop_time', 'string'],
  ['duration', 'number'],
  ['transaction_data', 'object'],
  ['site_id', 'string'],
  ['site_name', 'string'],
  ['charger_id', 'string'],
  ['charger_name', 'string'],
  ['charger_current_type', 'string'],
  ['connector_id', 'number'],
  ['connector_name', 'string'],
  ['energy_consumed', 'number'],
  ['meter_start', 'number'],
  ['meter_stop', 'number'],
  ['invalid_meter_reading', 'boolean'],
  ['start_soc', 'number'],
  ['stop_soc', 'number'],
  ['rfid', 'string'],
  ['rfid_name', 'string'],
  ['rfid_additional_information', 'string'],
  ['cost', 'number'],
  ['optimized_cost', 'number'],
  ['cost_savings', 'number'],
  ['dto_optimized', 'boolean'],
];

test('the response has the four keys of the document and the time zone, and events start with its fields in order', async () => {
  const document = await ask();
  expect(Object.keys(document)).toEqual(['charging_events', 'count', 'truncated', 'dto_presence', 'tz']);
  expect([typeof document.count, document.truncated, document.dto_presence]).toEqual(['number', false, true]);
  expect(document.count).toBe(document.charging_events.length);
  for (const event of document.charging_events)
    expect(Object.keys(event).slice(0, fields.length)).toEqual(fields.map(([name]) => name));
});

test('a complete event has the types of the document, with times in ISO 8601', async () => {
  const event = (await ask()).charging_events.find(({ transaction_id: id }) => id === 4711)!;
  for (const [name, type] of fields.filter(([each]) => event[each] !== null))
    expect([name, typeof event[name]]).toEqual([name, type]);
  expect(
    fields
      .filter(([name]) => event[name] === null)
      .map(([name]) => name)
      .filter((name) => name !== 'invalid_meter_reading'),
  ).toEqual([]);
  expect([event['occurrence_time'], event['start_time'], event['stop_time'], event['duration']]).toEqual([
    '2025-12-01T01:00:05Z',
    '2025-12-01T00:00:00Z',
    '2025-12-01T01:00:00Z',
    3600,
  ]);
  expect([event['cost'], event['optimized_cost'], event['cost_savings'], event['charger_current_type']]).toEqual([
    3.5,
    2.75,
    0.75,
    'AC',
  ]);
});

test('pages follow each other, and say whether there are more', async () => {
  const all = await ask();
  const pages: Record<string, unknown>[] = [];
  for (let skip = 0; ; skip += 2) {
    const { charging_events: page, count, truncated } = await ask(`&take=2&skip=${skip}`);
    pages.push(...page);
    expect([skip, count, truncated]).toEqual([skip, all.count, skip + page.length < all.count]);
    if (!truncated) break;
  }
  expect(pages).toEqual(all.charging_events);
  for (const skip of ['1000000', '9007199254740993', '9223372036854775807'])
    expect(await ask(`&skip=${skip}`)).toEqual({ ...all, charging_events: [], truncated: false });
});

test.each([
  'occurrence_time',
  'rfid',
  'rfid_name',
  'energy_consumed',
  'duration',
  'cost',
  'optimized_cost',
  'cost_savings',
])('sorting by %s is accepted, both ways, and orders', async (field) => {
  for (const order of ['asc', 'desc']) {
    const values = (await ask(`&sort_field=${field}&sort_order=${order}`)).charging_events
      .map((event) => event[field])
      .filter((value) => value !== null) as (string | number)[];
    const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    expect([order, values]).toEqual([order, order === 'asc' ? sorted : sorted.toReversed()]);
  }
});

test('the required parameters and bounds of the document apply', async () => {
  const refused = async (path: string): Promise<unknown> =>
    ((await app.inject(path)).json() as { message: string[] }).message[0];
  const hint = 'Set both from and to, or period.';
  expect(await refused('/charging-events/site/lobby')).toBe(`from and to are required. ${hint}`);
  expect(await refused('/charging-events/site/lobby?to=2025-12-31')).toBe(`from is required. ${hint}`);
  expect(await refused('/charging-events/site/lobby?from=2025-12-01')).toBe(`to is required. ${hint}`);
  const statusOf = async (query: string): Promise<number> =>
    (await app.inject(`/charging-events/site/lobby${query}`)).statusCode;
  expect([await statusOf(''), await statusOf('?period=2025-12')]).toEqual([400, 200]);
  expect(await refused(`${url}&search_text=${'ä'.repeat(101)}`)).toBe(
    'search_text has 101 characters, the maximum is 100',
  );
  expect((await app.inject(`${url}&search_text=${encodeURIComponent('ä'.repeat(100))}`)).statusCode).toBe(200);
  expect(await refused(`${url}&sort_field=site_id`)).toContain('invalid value "site_id" for sort_field');
  expect(await refused(`${url}&sort_order=up`)).toContain('invalid value "up" for sort_order');
  expect(await refused(`${url}&skip=-1`)).toBe('invalid value "-1" for skip: must be 0 or more');
});

test('no unexpected errors occurred', () => expect(stderrText()).toBe(''));
