import { expect, test } from 'vitest';
import { scratch } from '../../support/cli.ts';
import { cliDatabase, rejectionReasons, summarize } from './cli-database.ts';

const folder = scratch();

const token = { country_code: 'DE', party_id: 'EMP', uid: '04AB', type: 'RFID', contract_id: 'DE-EMP-C1' };

const cdr = {
  country_code: 'BE',
  party_id: 'CPO',
  id: '900',
  start_date_time: '2024-03-31T00:30:00Z',
  end_date_time: '2024-03-31T02:37:32Z',
  cdr_token: token,
  auth_method: 'WHITELIST',
  cdr_location: {
    id: 'LOC1',
    address: 'Quai 1',
    city: 'Gent',
    postal_code: '9000',
    country: 'BEL',
    coordinates: { latitude: '51.04', longitude: '3.72' },
    evse_uid: '32',
    evse_id: 'BE*CPO*E32',
    connector_id: '1',
    connector_standard: 'IEC_62196_T2_COMBO',
    connector_format: 'CABLE',
    connector_power_type: 'DC',
  },
  currency: 'EUR',
  charging_periods: [{ start_date_time: '2024-03-31T00:30:00Z', dimensions: [{ type: 'ENERGY', volume: 15342 }] }],
  total_cost: { excl_vat: 4.1, incl_vat: 4.96 },
  total_energy: 15.342,
  total_time: 2.1,
  last_updated: '2024-03-31T03:00:00Z',
};

const session = {
  country_code: 'BE',
  party_id: 'CPO',
  id: '101',
  start_date_time: '2024-03-31T00:30:00Z',
  kwh: 0.0,
  cdr_token: token,
  auth_method: 'WHITELIST',
  location_id: 'LOC1',
  evse_uid: '32',
  connector_id: '1',
  currency: 'EUR',
  total_cost: { excl_vat: 2.5 },
  status: 'PENDING',
  last_updated: '2024-03-31T00:30:09Z',
};

const location = {
  country_code: 'BE',
  party_id: 'CPO',
  id: 'LOC1',
  publish: true,
  name: 'Quai',
  address: 'Quai 1',
  city: 'Gent',
  postal_code: '9000',
  country: 'BEL',
  coordinates: { latitude: '51.04', longitude: '3.72' },
  evses: [
    {
      uid: '32',
      evse_id: 'BE*CPO*E32',
      status: 'AVAILABLE',
      connectors: [
        {
          id: '1',
          standard: 'IEC_62196_T2_COMBO',
          format: 'CABLE',
          power_type: 'DC',
          max_voltage: 920,
          max_amperage: 400,
          max_electric_power: 150000,
          tariff_ids: ['11', '12'],
          last_updated: '2024-01-01T10:10:02Z',
        },
        {
          id: '2',
          standard: 'IEC_62196_T2',
          format: 'SOCKET',
          power_type: 'AC_3_PHASE',
          max_voltage: 230,
          max_amperage: 16,
          last_updated: '2024-01-02T10:10:02Z',
        },
      ],
      last_updated: '2024-02-01T08:12:01Z',
    },
    {
      uid: '33',
      physical_reference: 'Bay 2',
      status: 'AVAILABLE',
      connectors: [
        {
          id: '1',
          standard: 'IEC_62196_T2',
          format: 'SOCKET',
          power_type: 'AC_1_PHASE',
          max_voltage: 230,
          max_amperage: 8,
          last_updated: '2024-01-03T10:10:02Z',
        },
      ],
      last_updated: '2024-02-02T08:12:01Z',
    },
  ],
  operator: { name: 'Watt Ltd' },
  time_zone: 'Europe/Brussels',
  opening_times: { twentyfourseven: true },
  last_updated: '2024-02-03T08:12:01Z',
};

const tariff = {
  country_code: 'BE',
  party_id: 'CPO',
  id: '11',
  currency: 'EUR',
  elements: [
    {
      price_components: [{ type: 'PARKING_TIME', price: 6, vat: 21, step_size: 60 }],
      restrictions: { start_time: '09:00' },
    },
    {
      price_components: [
        { type: 'ENERGY', price: 0.4321, vat: 21, step_size: 1 },
        { type: 'FLAT', price: 0.5, vat: 21, step_size: 1 },
        { type: 'TIME', price: 3, vat: 21, step_size: 60 },
      ],
    },
  ],
  start_date_time: '2024-01-01T00:00:00Z',
  last_updated: '2023-12-01T00:00:00Z',
};

const cpoToken = {
  ...token,
  visual_number: 'DF-1',
  issuer: 'Watt Ltd',
  group_id: 'G1',
  valid: true,
  whitelist: 'ALLOWED',
  language: 'nl',
  last_updated: '2024-01-10T17:25:10Z',
};

const envelopes: [name: string, wrap: (...objects: object[]) => string][] = [
  ['one object', (...objects) => objects.map((each) => JSON.stringify(each, null, 2)).join('\n')],
  ['an array', (...objects) => JSON.stringify(objects)],
  [
    'a page',
    (...objects) =>
      JSON.stringify(
        { data: objects, status_code: 1000, status_message: 'Success', timestamp: '2024-06-01T00:00:00Z' },
        null,
        1,
      ),
  ],
  ['NDJSON', (...objects) => objects.map((each) => `${JSON.stringify(each)}\n`).join('')],
];

test.each(envelopes)('CDRs as %s', async (_, wrap) => {
  const { text, rows } = cliDatabase(folder);
  const tariffs = [{ ...tariff, id: '12' }, tariff];
  const taken = await text(
    wrap(
      { ...cdr, tariffs },
      { ...cdr, party_id: 'OTH', total_cost: 4.56, cdr_location: { ...cdr.cdr_location, name: 'Quai' } },
      { ...cdr, id: '901', session_id: '101' },
      { ...cdr, id: '903', total_energy: -1 },
      { ...cdr, id: null },
    ),
  );
  expect(taken.map(summarize)).toEqual(['charging_sessions by ocpi_cdr: 5 = 3 + 0 + 0 + 2']);
  expect(taken.flatMap(rejectionReasons).toSorted()).toEqual(['1 energy_kwh is negative', '1 session_id is missing']);
  expect(
    await rows(
      'select session_id, transaction_id, amount_paid, location, tariff_id from charging_sessions order by session_id',
    ),
  ).toEqual([
    ['BE/CPO/101', '901', '4.1', 'Quai 1', null],
    ['BE/CPO/CDR/900', '900', '4.1', 'Quai 1', 'BE/CPO/12'],
    ['BE/OTH/CDR/900', '900', '4.56', 'Quai', null],
  ]);
  expect(
    await rows(`select station_id, connector_id, site_id, user_id, rfid, start_time, end_time, energy_kwh::double as energy_kwh, currency, charging_type, "timestamp"
    from charging_sessions where session_id = 'BE/CPO/CDR/900'`),
  ).toEqual([
    [
      'BE/CPO/32',
      '1',
      'BE/CPO/LOC1',
      'DE-EMP-C1',
      '04AB',
      '2024-03-31 00:30:00',
      '2024-03-31 02:37:32',
      '15.342',
      'EUR',
      'DC',
      '2024-03-31 03:00:00',
    ],
  ]);
});

test.each(envelopes)('Sessions as %s', async (_, wrap) => {
  const { text, rows } = cliDatabase(folder);
  const done = {
    ...session,
    end_date_time: '2024-03-31T02:37:32Z',
    kwh: 41.12,
    total_cost: { excl_vat: 8.5, incl_vat: 9.35 },
    status: 'COMPLETED',
    charging_periods: cdr.charging_periods,
    last_updated: '2024-03-31T02:40:00Z',
  };
  const taken = await text(
    wrap(session, { ...done, party_id: 'OTH' }, { ...done, id: '102', start_date_time: '2024-03-31T05:00:00Z' }),
  );
  expect(taken.map(summarize)).toEqual(['charging_sessions by ocpi_session: 3 = 2 + 0 + 0 + 1']);
  expect(taken.flatMap(rejectionReasons)).toEqual(['1 end_time is before start_time']);
  expect(
    await rows(
      'select session_id, station_id, connector_id, site_id, user_id, rfid, start_time, end_time, energy_kwh::double as energy_kwh, amount_paid, currency, status, "timestamp" from charging_sessions order by session_id',
    ),
  ).toEqual([
    [
      'BE/CPO/101',
      'BE/CPO/32',
      '1',
      'BE/CPO/LOC1',
      'DE-EMP-C1',
      '04AB',
      '2024-03-31 00:30:00',
      null,
      '0',
      '2.5',
      'EUR',
      'PENDING',
      '2024-03-31 00:30:09',
    ],
    [
      'BE/OTH/101',
      'BE/OTH/32',
      '1',
      'BE/OTH/LOC1',
      'DE-EMP-C1',
      '04AB',
      '2024-03-31 00:30:00',
      '2024-03-31 02:37:32',
      '41.12',
      '8.5',
      'EUR',
      'COMPLETED',
      '2024-03-31 02:40:00',
    ],
  ]);
});

test('a session is one row, first while it runs, then with its CDR', async () => {
  const { text, rows } = cliDatabase(folder);
  await text(JSON.stringify(session));
  const [taken] = await text(JSON.stringify({ ...cdr, session_id: '101' }));
  expect(summarize(taken!)).toBe('charging_sessions by ocpi_cdr: 1 = 0 + 1 + 0 + 0');
  expect(
    await rows(
      'select session_id, end_time, energy_kwh::double as energy_kwh, amount_paid, status from charging_sessions',
    ),
  ).toEqual([['BE/CPO/101', '2024-03-31 02:37:32', '15.342', '4.1', 'COMPLETED']]);
});

test.each([
  ['of a session', { session_id: '101' }, 'BE/CPO/101', '9.99'],
  ['by itself', {}, 'BE/CPO/CDR/900', '0'],
])('a credit CDR cancels the amount of a CDR %s, in any order', async (_, of, id, corrected) => {
  const given = { ...cdr, ...of };
  const credit = {
    ...given,
    id: '900-C',
    credit: true,
    credit_reference_id: '900',
    total_cost: { excl_vat: -4.1, incl_vat: -4.96 },
    last_updated: '2024-04-01T00:00:00Z',
  };
  for (const order of [
    [given, credit],
    [credit, given],
  ]) {
    const { text, rows } = cliDatabase(folder);
    const [taken] = await text(JSON.stringify(order));
    expect(summarize(taken!)).toBe('charging_sessions by ocpi_cdr: 2 = 1 + 0 + 1 + 0');
    expect(
      await rows('select session_id, energy_kwh::double as energy_kwh, amount_paid from charging_sessions'),
    ).toEqual([[id, '15.342', '0']]);
    await text(
      JSON.stringify({ ...given, id: '903', total_cost: { excl_vat: 9.99 }, last_updated: '2024-04-01T00:00:01Z' }),
    );
    expect(await rows(`select amount_paid from charging_sessions where session_id = '${id}'`)).toEqual([[corrected]]);
  }
});

test.each(envelopes)('Locations as %s are sites, charge points and connectors', async (_, wrap) => {
  const { text, rows } = cliDatabase(folder);
  const home = {
    ...location,
    id: 'LOC2',
    name: null,
    evses: [],
    operator: null,
    opening_times: { twentyfourseven: false, regular_hours: [] },
  };
  const lost = {
    ...location,
    id: 'LOC3',
    coordinates: { latitude: '91', longitude: '3.72' },
    evses: [{ status: 'REMOVED', connectors: [], last_updated: '2024-02-02T08:12:01Z' }],
  };
  const taken = await text(wrap(location, home, lost));
  expect(taken.map(summarize).toSorted()).toEqual([
    'charge_points by ocpi_location_charge_points: 3 = 2 + 0 + 0 + 1',
    'connectors by ocpi_location_connectors: 3 = 3 + 0 + 0 + 0',
    'sites by ocpi_location_sites: 3 = 2 + 0 + 0 + 1',
  ]);
  expect(taken.flatMap(rejectionReasons).toSorted()).toEqual([
    '1 latitude is outside -90 to 90',
    '1 station_id is missing',
  ]);
  expect(
    await rows(
      'select site_id, site_name, timezone, address, postal_code, city, country, latitude, longitude, operator, opening_times, last_updated from sites order by site_id',
    ),
  ).toEqual([
    [
      'BE/CPO/LOC1',
      'Quai',
      'Europe/Brussels',
      'Quai 1',
      '9000',
      'Gent',
      'BEL',
      '51.04',
      '3.72',
      'Watt Ltd',
      null,
      '2024-02-03 08:12:01',
    ],
    [
      'BE/CPO/LOC2',
      'Quai 1',
      'Europe/Brussels',
      'Quai 1',
      '9000',
      'Gent',
      'BEL',
      '51.04',
      '3.72',
      null,
      '{"twentyfourseven":false,"regular_hours":[]}',
      '2024-02-03 08:12:01',
    ],
  ]);
  expect(
    await rows('select station_id, charge_point_name, site_id, last_updated from charge_points order by station_id'),
  ).toEqual([
    ['BE/CPO/32', 'BE*CPO*E32', 'BE/CPO/LOC1', '2024-02-01 08:12:01'],
    ['BE/CPO/33', 'Bay 2', 'BE/CPO/LOC1', '2024-02-02 08:12:01'],
  ]);
  expect(
    await rows(
      'select station_id, connector_id, evse_id, connector_type, current_type, power_kw, max_voltage, max_amperage, tariff_id from connectors order by station_id, connector_id',
    ),
  ).toEqual([
    ['BE/CPO/32', '1', '32', 'IEC_62196_T2_COMBO', 'DC', '150', '920', '400', 'BE/CPO/11'],
    ['BE/CPO/32', '2', '32', 'IEC_62196_T2', 'AC', '11.04', '230', '16', null],
    ['BE/CPO/33', '1', '33', 'IEC_62196_T2', 'AC', '1.84', '230', '8', null],
  ]);
});

test.each(envelopes)('Tariffs as %s', async (_, wrap) => {
  const { text, rows } = cliDatabase(folder);
  const byTime = {
    ...tariff,
    id: '12',
    elements: [{ price_components: [{ type: 'TIME', price: 2, vat: 10, step_size: 300 }] }],
  };
  const byDay = {
    ...tariff,
    id: '13',
    elements: [
      {
        price_components: [{ type: 'ENERGY', price: 0.5, vat: 10, step_size: 1 }],
        restrictions: { start_time: '08:00', end_time: '20:00' },
      },
    ],
  };
  const dear = { ...tariff, id: '14', elements: [{ price_components: [{ type: 'ENERGY', price: 'a lot' }] }] };
  const taken = await text(wrap(tariff, byTime, byDay, dear));
  expect(taken.map(summarize)).toEqual(['tariffs by ocpi_tariff: 4 = 3 + 0 + 0 + 1']);
  expect(taken.flatMap(rejectionReasons)).toEqual(['1 price_per_kwh not a valid number']);
  expect(
    await rows(
      'select tariff_id, currency, price_per_kwh, price_per_minute, price_flat, price_per_parking_minute, valid_from, last_updated, elements is not null from tariffs order by tariff_id',
    ),
  ).toEqual([
    ['BE/CPO/11', 'EUR', '0.4321', '0.05', '0.5', null, '2024-01-01 00:00:00', '2023-12-01 00:00:00', 'true'],
    ['BE/CPO/12', 'EUR', '0', '0.033333', null, null, '2024-01-01 00:00:00', '2023-12-01 00:00:00', 'true'],
    ['BE/CPO/13', 'EUR', null, null, null, null, '2024-01-01 00:00:00', '2023-12-01 00:00:00', 'true'],
  ]);
});

test.each(envelopes)('Tokens as %s', async (_, wrap) => {
  const { text, rows } = cliDatabase(folder);
  const taken = await text(
    wrap(
      cpoToken,
      { ...cpoToken, uid: 'app-1', type: 'APP_USER', visual_number: undefined, valid: false },
      { ...cpoToken, uid: 'app-2', valid: 'perhaps' },
    ),
  );
  expect(taken.map(summarize)).toEqual(['id_tags by ocpi_token: 3 = 2 + 0 + 0 + 1']);
  expect(taken.flatMap(rejectionReasons)).toEqual(['1 valid must be true or false']);
  expect(
    await rows(
      'select id_tag, valid, type, user_id, contract_id, visual_number, issuer, group_id, whitelist, language, last_updated from id_tags order by id_tag',
    ),
  ).toEqual([
    [
      '04AB',
      'true',
      'RFID',
      'DE-EMP-C1',
      'DE-EMP-C1',
      'DF-1',
      'Watt Ltd',
      'G1',
      'ALLOWED',
      'nl',
      '2024-01-10 17:25:10',
    ],
    [
      'app-1',
      'false',
      'APP_USER',
      'DE-EMP-C1',
      'DE-EMP-C1',
      null,
      'Watt Ltd',
      'G1',
      'ALLOWED',
      'nl',
      '2024-01-10 17:25:10',
    ],
  ]);
});

test('a PATCH of a session is rejected, because it does not name the session', async () => {
  const { text } = cliDatabase(folder);
  const [taken] = await text(
    JSON.stringify(
      {
        kwh: 15,
        charging_periods: cdr.charging_periods,
        total_cost: { excl_vat: 0.8, incl_vat: 0.88 },
        last_updated: '2024-06-23T08:16:02Z',
      },
      null,
      2,
    ),
  );
  expect(summarize(taken!)).toBe('charging_sessions by ocpi_session_patch: 1 = 0 + 0 + 0 + 1');
  expect(rejectionReasons(taken!)).toEqual(['1 session_id is missing']);
});
