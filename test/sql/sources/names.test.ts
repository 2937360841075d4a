import { describe, expect, test } from 'vitest';
import { detectFormat } from '../../../src/ingest/detect-format.ts';
import { counts, engineDatabase } from '../../support/engine-database.ts';

const { catalog, lines, rows } = await engineDatabase();
const sources = await catalog.sources();
const sourceOf = (names: string[]): string[] =>
  detectFormat(
    sources,
    [],
    { format: 'csv', names, lists: new Map(), delimiter: ',', path: '', compression: 'uncompressed' },
    'file',
  ).map(({ source }) => source.name);

test.each(sources.map(({ name }) => [name]))(
  'a file with every column of %s is its alone, under any of their names',
  (name) => {
    const { columns } = sources.find((each) => each.name === name)!;
    const own = columns.map((column) => column.name);
    expect(sourceOf(own)).toEqual([name]);
    for (const { name: column, aliases } of columns) {
      for (const alias of aliases)
        expect([alias, sourceOf(own.map((each) => (each === column ? alias : each)))]).toEqual([alias, [name]]);
    }
  },
);

test.each(sources.map(({ name }) => [name]))('no name means two columns of %s, but for the version', (name) => {
  const { columns, version } = sources.find((each) => each.name === name)!;
  const names = columns
    .filter((column) => column.name !== version)
    .flatMap((column) => [column.name, ...column.aliases]);
  expect(names.filter((each, at) => names.indexOf(each) !== at)).toEqual([]);
});

describe('names used in the documents are known', () => {
  test.each([
    ['sites', 'project_id,project_name,timezone'],
    ['charge_points', 'charger_id,charger_name,charger_current_type,site_id,vendor,model'],
    ['charge_points', 'charge_point_id,model,vendor,serial_number,project_id'],
    ['connectors', 'charger_id,connector_id,connector_name,connector_type'],
    ['tariffs', 'tariff_id,tariff_name,currency,price_per_kwh'],
    ['charge_point_events', 'charge_point_id,event_type,event_time,connector_id,status,session_id,energy_kwh,power_kw'],
    ['issues', 'issue_id,type,charge_point_id,description,severity,status,created_at'],
    ['id_tags', 'rfid,rfid_name,rfid_additional_information,valid'],
    [
      'charging_sessions',
      'transaction_id,occurrence_time,start_time,stop_time,site_id,site_name,charger_id,charger_name,charger_current_type,connector_id,connector_name,session_id,rfid,rfid_name',
    ],
    [
      'charging_sessions',
      'session_id,transaction_id,charge_point_id,connector_id,user_id,started_at,ended_at,duration_minutes,energy_kwh,total_cost,currency,status',
    ],
  ])('%s: %s', (source, header) => {
    expect(sourceOf(header.split(','))).toEqual([source]);
  });
});

test('rows of the documents are imported unchanged', async () => {
  const taken = [
    `{
       "event_id": "ev-12345",
       "customer_id": "cust-789",
       "event_type": "purchase",
       "event_timestamp": "2023-06-15 14:30:45",
       "session_id": "sess-456",
       "page_url": "https://example.com/product/123",
       "product_id": "prod-123",
       "category_id": "cat-456",
       "price": 49.99,
       "quantity": 1,
       "device_type": "mobile",
       "country": "US",
       "referrer": "google.com",
       "user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 13_2_3 like Mac OS X)"
     }`,
    `{
       "customer_id": "cust-789",
       "email": "john.doe@example.com",
       "first_name": "John",
       "last_name": "Doe",
       "age": 35,
       "gender": "male",
       "city": "New York",
       "country": "US",
       "signup_date": "2023-01-15",
       "last_login": "2023-06-18 09:15:30",
       "customer_segment": "High Value",
       "lifetime_value": 1250.75
     }`,
    `{
       "segment_id": "seg-123",
       "segment_name": "High Value Active",
       "segment_description": "Customers who spend more than $1000 and have high engagement",
       "creation_date": "2023-01-01",
       "update_date": "2023-06-01",
       "segment_rules": "total_spent > 1000 AND session_count > 10",
       "segment_type": "value-based"
     }`,
    `{
"data" : [
{
"issue_id" : "iss_01HXI1J0K9L8M7N6" ,
"type" : "connectivity" ,
"charge_point_id" : "cp_005" ,
"description" : "Charge point has been offline for 4 hours" ,
"severity" : "high" ,
"status" : "open" ,
"created_at" : "2024-01-20T06:15:00Z"
}
],
"total" : 1
}`,
  ];
  for (const [at, source] of ['customer_events', 'customer_profiles', 'customer_segments', 'issues'].entries()) {
    const account = await lines(taken[at]!);
    expect([counts(account), account.ignored]).toEqual([
      { source, read: 1, added: 1, updated: 0, unchanged: 0, quarantined: 0 },
      [],
    ]);
  }
  expect(await rows('select price::varchar, quantity, last_updated::varchar from customer_events')).toEqual([
    ['49.990000', '1', '2023-06-15 14:30:45'],
  ]);
  expect(await rows('select age, lifetime_value::varchar, last_updated::varchar from customer_profiles')).toEqual([
    ['35', '1250.750000', '2023-06-18 09:15:30'],
  ]);
  expect(await rows('select segment_rules, last_updated::varchar from customer_segments')).toEqual([
    ['total_spent > 1000 AND session_count > 10', '2023-06-01 00:00:00'],
  ]);
  expect(await rows('select station_id, severity, last_updated::varchar from issues')).toEqual([
    ['cp_005', 'high', '2024-01-20 06:15:00'],
  ]);
});
