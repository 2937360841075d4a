import { expect, test } from 'vitest';
import { counts, engineDatabase } from '../../support/engine-database.ts';

const { catalog, lines, rows } = await engineDatabase();

/** For each source a header, a valid row, and rows with one fault each, by `column reason`. */
const faults: [source: string, header: string, sound: string, bad: [row: string, said: string][]][] = [
  [
    'sites',
    'site_id,site_name,timezone,latitude,longitude,opening_hours,last_updated',
    's1,Depot,Europe/Berlin,90,-180,{},2024-01-01',
    [
      [',Depot,Europe/Berlin,,,,', 'site_id is missing'],
      ['s2,Depot,Europe/Atlantis,,,,', 'timezone not an IANA time zone'],
      ['s2,Depot,Europe/Berlin,90.1,,,', 'latitude is outside -90 to 90'],
      ['s2,Depot,Europe/Berlin,north,,,', 'latitude not a valid number'],
      ['s2,Depot,Europe/Berlin,,-180.5,,', 'longitude is outside -180 to 180'],
      ['s2,Depot,Europe/Berlin,,,always,', 'opening_times not valid JSON'],
      ['s2,Depot,Europe/Berlin,,,,lately', 'last_updated not a valid timestamp'],
    ],
  ],
  [
    'charge_points',
    'charge_point_id,vendor,model,power_kw,current_type,heartbeat_interval_seconds,opened_at,closed_at',
    'c1,V,M,0,dc,0,2024-01-01,2024-01-01',
    [
      [',V,M,,,,,', 'station_id is missing'],
      ['c2,V,M,-1,,,,', 'power_kw is negative'],
      ['c2,V,M,,three-phase,,,', 'current_type must be one of AC, DC'],
      ['c2,V,M,,,-300,,', 'heartbeat_interval_seconds is negative'],
      ['c2,V,M,,,,2024-01-02,2024-01-01', 'closed_at is before opened_at'],
    ],
  ],
  [
    'connectors',
    'station_id,connector_id,connector_type,current_type,power_kw',
    'c1,1,CCS2,DC,150',
    [
      [',1,CCS2,,', 'station_id is missing'],
      ['c1,,CCS2,,', 'connector_id is missing'],
      ['c1,2,CCS2,AC/DC,', 'current_type must be one of AC, DC'],
      ['c1,2,CCS2,,-0.1', 'power_kw is negative'],
    ],
  ],
  [
    'tariffs',
    'tariff_id,currency,price_per_kwh,price_flat,valid_from,valid_to',
    't1,EUR,-0.05,0,2024-01-01,2024-01-01',
    [
      [',EUR,0.5,,,', 'tariff_id is missing'],
      ['t2,,0.5,,,', 'currency is missing'],
      ['t2,EUR,cheap,,,', 'price_per_kwh not a valid number'],
      ['t2,EUR,0.5,free,,', 'price_flat not a valid number'],
      ['t2,EUR,0.5,,2024-01-02,2024-01-01', 'valid_to is before valid_from'],
    ],
  ],
  [
    'exchange_rates',
    'date,currency,base,rate,last_updated',
    '2025-03-03,USD,EUR,1.0465,2025-03-03',
    [
      [',USD,EUR,1.05,', 'date is missing'],
      ['yesterday,USD,EUR,1.05,', 'date not a valid date'],
      ['2025-03-04,,EUR,1.05,', 'currency is missing'],
      ['2025-03-04,USD,,1.05,', 'base is missing'],
      ['2025-03-04,USD,EUR,,', 'rate is missing'],
      ['2025-03-04,USD,EUR,N/A,', 'rate not a valid number'],
      ['2025-03-04,USD,EUR,0,', 'rate is not above 0'],
      ['2025-03-04,EUR,EUR,1,', 'currency is the base currency'],
      ['2025-03-04,USD,EUR,1.05,lately', 'last_updated not a valid timestamp'],
    ],
  ],
  [
    'firmware_releases',
    'model,version,released_at,approved',
    'M,1.10.0,2024-01-01,',
    [
      [',1.0,2024-01-01,true', 'model is missing'],
      ['M,,2024-01-01,true', 'firmware_version is missing'],
      ['M,1.0,,true', 'released_at is missing'],
      ['M,1.0,2024-01-01,perhaps', 'approved must be true or false'],
    ],
  ],
  [
    'charge_point_events',
    'station_id,event_type,event_time,heartbeat_interval_seconds,excluded,payload',
    'c1,heartbeat,2024-01-01,0,true,"[2,""1"",""Heartbeat"",{}]"',
    [
      [',heartbeat,2024-01-01,,,', 'station_id is missing'],
      ['c1,,2024-01-01,,,', 'event_type is missing'],
      ['c1,heartbeat,,,,', 'event_time is missing'],
      ['c1,heartbeat,midnight,,,', 'event_time not a valid timestamp'],
      ['c1,heartbeat,2024-01-01,-1,,', 'heartbeat_interval_seconds is negative'],
      ['c1,heartbeat,2024-01-01,,storm,', 'excluded must be true or false'],
      ['c1,heartbeat,2024-01-01,,,hello', 'payload not valid JSON'],
    ],
  ],
  [
    'issues',
    'issue_id,type,severity,status,created_at,resolved_at',
    'i1,Firmware,LOW,Resolved,2024-01-01,2024-01-01',
    [
      [',billing,low,open,2024-01-01,', 'issue_id is missing'],
      ['i2,,low,open,2024-01-01,', 'type is missing'],
      ['i2,vandalism,low,open,2024-01-01,', 'type must be one of connectivity, faulted, billing, firmware'],
      ['i2,billing,,open,2024-01-01,', 'severity is missing'],
      ['i2,billing,urgent,open,2024-01-01,', 'severity must be one of critical, high, medium, low'],
      ['i2,billing,low,,2024-01-01,', 'status is missing'],
      ['i2,billing,low,closed,2024-01-01,', 'status must be one of open, acknowledged, resolved'],
      ['i2,billing,low,open,,', 'created_at is missing'],
      ['i2,billing,low,resolved,2024-01-02,2024-01-01', 'resolved_at is before created_at'],
    ],
  ],
  [
    'billing_disputes',
    'dispute_id,created_at,resolved_at,disputed_amount',
    'd1,2024-01-01,2024-01-01,0',
    [
      [',2024-01-01,,', 'dispute_id is missing'],
      ['d2,,,', 'created_at is missing'],
      ['d2,2024-01-02,2024-01-01,', 'resolved_at is before created_at'],
      ['d2,2024-01-01,,-0.01', 'disputed_amount is negative'],
      ['d2,2024-01-01,,much', 'disputed_amount not a valid number'],
    ],
  ],
  [
    'id_tags',
    'id_tag,valid,expires_at',
    '04AB,false,2030-01-01',
    [
      [',true,', 'id_tag is missing'],
      ['04CD,lost,', 'valid must be true or false'],
      ['04CD,true,never', 'expires_at not a valid timestamp'],
    ],
  ],
  [
    'customer_events',
    'customer_id,event_type,event_timestamp,price,quantity',
    'cust-1,purchase,2024-01-01,-9.90,-2',
    [
      ['cust-1,,2024-01-01,,', 'event_type is missing'],
      ['cust-1,view,,,', 'event_timestamp is missing'],
      ['cust-1,view,2024-01-01,dear,', 'price not a valid number'],
      ['cust-1,view,2024-01-01,,1.5', 'quantity not a valid integer'],
    ],
  ],
  [
    'customer_profiles',
    'customer_id,signup_date,age,birth_date,lifetime_value',
    'cust-1,2024-01-01,130,1900-01-01,-5',
    [
      [',2024-01-01,,,', 'customer_id is missing'],
      ['cust-2,,,,', 'signup_date is missing'],
      ['cust-2,2024-02-30,,,', 'signup_date not a valid date'],
      ['cust-2,2024-01-01,-1,,', 'age is outside 0-130'],
      ['cust-2,2024-01-01,131,,', 'age is outside 0-130'],
      ['cust-2,2024-01-01,35.5,,', 'age not a valid integer'],
      ['cust-2,2024-01-01,,spring,', 'birth_date not a valid date'],
    ],
  ],
  [
    'customer_segments',
    'segment_id,segment_name,creation_date,segment_rules',
    'seg-1,Regulars,2024-01-01,',
    [
      [',Regulars,,', 'segment_id is missing'],
      ['seg-2,,,', 'segment_name is missing'],
      ['seg-2,Regulars,once,', 'creation_date not a valid date'],
      [`seg-2,Regulars,,age > 1${' and age > 1'.repeat(100)}`, 'segment_rules is longer than 1000 characters'],
      ['seg-2,Regulars,,everybody', 'segment_rules uses an unknown metric'],
      [
        'seg-2,Regulars,,age + 1 > 5',
        'segment_rules may contain only comparisons of metrics with numbers or quoted strings, AND, OR, NOT and parentheses',
      ],
      ['seg-2,Regulars,,age > 1 and', 'segment_rules not a complete condition'],
    ],
  ],
];

test.each(faults)('%s', async (source, header, sound, bad) => {
  // A valid row precedes each bad one, so that no row gets its neighbour's reason.
  const account = await lines(header, ...bad.flatMap(([row]) => [row, sound]));
  expect(account).toMatchObject({
    source,
    read: 2 * bad.length,
    added: 1,
    unchanged: bad.length - 1,
    quarantined: bad.length,
  });
  expect(
    await rows(
      `select line, column_name || ' ' || reason, raw from quarantine where file = '${account.file}' order by line`,
    ),
  ).toEqual(bad.map(([row, said], at) => [String(2 + 2 * at), said, row]));
});

test('every rule a row can break is listed above', async () => {
  const broken = faults.flatMap(([source, , , bad]) => bad.map(([, said]) => `${source}: ${said}`));
  const sources = (await catalog.sources()).filter(({ name }) => name !== 'charging_sessions');
  const rules = sources.flatMap(({ name, columns, checks }) => [
    ...columns.filter(({ required }) => required).map((column) => `${name}: ${column.name} is missing`),
    ...columns.flatMap((column) =>
      column.values ? [`${name}: ${column.name} must be one of ${column.values.join(', ')}`] : [],
    ),
    ...checks.map(({ column, reason }) => `${name}: ${column} ${reason}`),
  ]);
  expect(rules.filter((rule) => !broken.includes(rule))).toEqual([]);
});

test('the common values of the field are kept', async () => {
  const account = await lines(
    'charge_point_id,event_type,event_time,connector_id,status,error_code,vendor_error_code,energy_kwh,meter_wh,power_kw,soc',
    'c9,StatusNotification,2024-08-03T16:16:55Z,0,Faulted,Error,0x81,,,,',
    'c9,status,2024-08-03T16:17:00Z,1,Faulted,NoError,,,,,',
    'c9,meter,2024-08-03T16:18:00Z,1,,,,-0.5,18099 Wh,2.9 kW,101',
  );
  expect(counts(account)).toMatchObject({ added: 3, quarantined: 0 });
  expect(
    await rows(
      "select error_code, vendor_error_code, energy_kwh, meter_wh, power_kw, soc from charge_point_events where station_id = 'c9' order by event_time",
    ),
  ).toEqual([
    ['Error', '0x81', null, null, null, null],
    ['NoError', null, null, null, null, null],
    [null, null, '-0.5', '18099', '2.9', '101'],
  ]);
});

test('a raw frame is kept as complete JSON', async () => {
  await lines(
    '{"station_id":"c8","event_type":"boot","event_time":"2024-01-01T00:00:00Z","payload":{"chargePointModel":"KP 300","vendor":null}}',
  );
  expect(
    await rows(
      "select payload ->> 'chargePointModel', json_keys(payload) from charge_point_events where station_id = 'c8'",
    ),
  ).toEqual([['KP 300', 'chargePointModel,vendor']]);
});

test('closed lists are stored in the spelling used here', async () => {
  await lines('issue_id,type,severity,status,created_at', 'i9,FAULTED,High,OPEN,2024-01-01');
  expect(await rows("select type, severity, status from issues where issue_id = 'i9'")).toEqual([
    ['faulted', 'high', 'open'],
  ]);
});
