import { beforeEach, describe, expect, test } from 'vitest';
import { literal } from '../../src/warehouse/duckdb.ts';
import { createReportRunner } from '../warehouse/report-runner.ts';

/** In each test, every nullable column of a table is empty in turn. Expected values are counted here, row by row. */

type Value = string | number | boolean | null;
type Row = Record<string, Value>;

const { duckdb, run } = await createReportRunner({});
const tables = [
  'charging_sessions',
  'charge_point_events',
  'charge_points',
  'connectors',
  'tariffs',
  'sites',
  'issues',
  'customer_events',
  'customer_profiles',
];

beforeEach(() => duckdb.run(tables.map((table) => `delete from ${table}`).join(';\n')));

async function insert(table: string, rows: readonly Row[]): Promise<void> {
  const value = (each: Value): string => (typeof each === 'string' ? literal(each) : String(each));
  await duckdb.run(
    rows
      .map((row) => {
        const names = Object.keys(row).map((name) => `"${name}"`);
        return `insert into ${table} (${names.join(', ')}) values (${Object.values(row).map(value).join(', ')})`;
      })
      .join(';\n'),
  );
}

/** Nullable columns of a table. A row must give each of them a value, so that a new column is not forgotten. */
async function nullableColumns(table: string, row: Row): Promise<string[]> {
  // Stored rows always have an order of arrival.
  const names = (await duckdb.declaredColumns(table))
    .filter(({ name, required }) => !required && name !== 'arrival_order')
    .map(({ name }) => name);
  expect(
    names.filter((name) => row[name] === null || row[name] === undefined),
    'columns without a value',
  ).toEqual([]);
  return names;
}

/** Adds up numbers of rows by a key. */
function sumBy<T>(rows: readonly T[], keyOf: (row: T) => unknown, ...parts: ((row: T) => unknown)[]): unknown[] {
  const sums = new Map<string, number[]>();
  for (const row of rows) {
    const key = JSON.stringify(keyOf(row));
    const before = sums.get(key) ?? parts.map(() => 0);
    sums.set(
      key,
      before.map((sum, at) => sum + Number(parts[at]!(row))),
    );
  }
  return [...sums]
    .map(([key, all]) => [JSON.parse(key) as unknown, ...all])
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

const answer = async (name: string, params: Record<string, string> = {}): Promise<Record<string, unknown>[]> =>
  (await run(name, params)).rows;
/** The rows of a report as key and numbers, like those of sumBy. */
const sums = async (name: string, key: string, columns: string[], params: Record<string, string> = {}) =>
  sumBy(
    await answer(name, params),
    (row) => row[key],
    ...columns.map((column) => (row: Record<string, unknown>) => row[column]),
  );

describe('charging sessions', () => {
  const full: Row = {
    session_id: 'full',
    transaction_id: '7',
    station_id: 'A',
    connector_id: '1',
    site_id: 'north',
    user_id: 'u1',
    rfid: 'r1',
    rfid_name: 'Fleet',
    rfid_additional_information: 'Van',
    start_time: '2025-03-01 10:00:00',
    end_time: '2025-03-01 10:30:00',
    energy_kwh: 10,
    meter_start: 0,
    meter_stop: 10_000,
    invalid_meter_reading: false,
    start_soc: 20,
    stop_soc: 80,
    amount_paid: 5,
    currency: 'EUR',
    tariff_id: 'flat',
    optimized_cost: 4,
    cost_savings: 1,
    dto_optimized: true,
    charging_type: 'DC',
    charging_seconds: 3000,
    location: 'Hall',
    status: 'COMPLETED',
    stop_reason: 'Local',
    timestamp: '2025-03-01 10:30:00',
    transaction_data: '{}',
  };
  const ended = (row: Row): boolean => row['end_time'] !== null;
  const completed = (row: Row): boolean =>
    ended(row) && Number(row['energy_kwh']) > 0 && String(row['status']).toLowerCase() !== 'failed';
  const failed = (row: Row): boolean => ended(row) && !completed(row);
  const one = (): number => 1;
  /** The value of a column, 0 if it is empty, from the rows that count. */
  const valueOf =
    (column: string, counts: (row: Row) => boolean = () => true) =>
    (row: Row): number =>
      counts(row) ? Number(row[column]) : 0;
  /** A is at a site of its own; B has no row, so its sessions without a site have none. */
  const siteOf = (row: Row): Value => row['site_id'] ?? (row['station_id'] === 'A' ? 'south' : null);

  /** A completed and a failed session with all values, and both again with each column empty. */
  async function insertSessions(): Promise<Row[]> {
    const columns = await nullableColumns('charging_sessions', full);
    const bases: Row[] = [full, { ...full, station_id: 'B', status: 'Failed', stop_reason: 'PowerLoss' }];
    const rows = bases
      .flatMap((base) => [base, ...columns.map((column) => ({ ...base, [column]: null }))])
      .map((row, at) => ({ ...row, session_id: `s${at}` }));
    await insert('charging_sessions', rows);
    await insert('charge_points', [{ station_id: 'A', site_id: 'south', last_updated: '2025-01-01' }]);
    return rows;
  }

  test('reports count every session, and empty values are a group of their own', async () => {
    const rows = await insertSessions();
    expect(await sums('get_sessions', 'station_id', [])).toEqual(sumBy(rows, (row) => row['station_id']));
    expect((await answer('get_sessions')).length).toBe(rows.length);
    expect(await sums('energy_by_charge_point', 'charge_point_id', ['session_count', 'energy_kwh'])).toEqual(
      sumBy(rows.filter(completed), (row) => row['station_id'], one, valueOf('energy_kwh')),
    );
    expect(await sums('energy_by_project', 'project_id', ['session_count', 'energy_kwh'])).toEqual(
      sumBy(rows.filter(completed), siteOf, one, valueOf('energy_kwh')),
    );
    expect(await sums('energy_trends', 'period', ['session_count', 'energy_kwh'])).toEqual(
      sumBy(rows.filter(completed), () => '2025-03-01', one, valueOf('energy_kwh')),
    );
    const money = ['session_count', 'revenue'];
    expect(await sums('revenue_by_charge_point', 'charge_point_id', money)).toEqual(
      sumBy(rows, (row) => row['station_id'], completed, valueOf('amount_paid')),
    );
    expect(await sums('revenue_by_project', 'project_id', money)).toEqual(
      sumBy(rows, siteOf, completed, valueOf('amount_paid')),
    );
    expect(await sums('revenue_by_tariff', 'tariff_id', money)).toEqual(
      sumBy(rows, (row) => row['tariff_id'], completed, valueOf('amount_paid')),
    );
    expect(await sums('revenue_trends', 'period', money)).toEqual(
      sumBy(rows, () => '2025-03-01', completed, valueOf('amount_paid')),
    );
    expect(await sums('revenue_summary', 'currency', ['session_count', 'total_revenue'])).toEqual(
      sumBy(rows, () => 'EUR', completed, valueOf('amount_paid')),
    );
    expect(
      await sums('user_usage', 'user_id', ['total_sessions', 'total_energy_consumed', 'total_amount_spent']),
    ).toEqual(sumBy(rows, (row) => row['user_id'], one, valueOf('energy_kwh'), valueOf('amount_paid')));
    expect(
      await sums('station_analytics', 'station_id', ['total_sessions', 'total_energy_consumed', 'total_revenue']),
    ).toEqual(sumBy(rows, (row) => row['station_id'], one, valueOf('energy_kwh'), valueOf('amount_paid')));
    for (const [per, column] of [
      ['user', 'user_id'],
      ['rfid', 'rfid'],
    ] as const)
      expect(
        await sums('monthly_statement', 'id', ['session_count', 'energy_kwh', 'total_amount'], { per }),
        per,
      ).toEqual(sumBy(rows, (row) => row[column], completed, valueOf('energy_kwh', completed), valueOf('amount_paid')));
  });

  test('sessions without an end are active, and the others without energy are failed', async () => {
    const rows = await insertSessions();
    const answers = await answer('failed_sessions');
    expect(
      sumBy(
        answers,
        (row) => [row['charge_point_id'], row['reason']],
        (row) => row['failed_sessions'],
        (row) => row['without_energy'],
      ),
    ).toEqual(
      sumBy(
        rows.filter(failed),
        (row) => [row['station_id'], row['stop_reason']],
        one,
        (row) => row['energy_kwh'] === null,
      ),
    );
    const endedAt = (station: string): number =>
      rows.filter((row) => row['station_id'] === station && ended(row)).length;
    expect(sumBy(answers, (row) => [row['charge_point_id'], row['ended_sessions']])).toEqual([
      [['A', endedAt('A')]],
      [['B', endedAt('B')]],
    ]);
    const parts = await answer('health_score_parts', { as_of: '2025-03-02' });
    expect(parts.find(({ part }) => part === 'session_success_rate')).toMatchObject({
      good: rows.filter(completed).length,
      whole: rows.filter(ended).length,
    });
    // A session of a site without an end is not an event yet.
    const period = { from: '2025-03-01', to: '2025-03-31', take: '1000' };
    for (const site of ['north', 'south'])
      expect((await run('charging_events', { ...period, site_id: site })).rows.length, site).toBe(
        rows.filter((row) => ended(row) && siteOf(row) === site).length,
      );
  });

  test('a filter leaves out rows without a value', async () => {
    const rows = await insertSessions();
    const having = (column: string, value: string): Row[] => rows.filter((row) => row[column] === value);
    for (const [report, params, count, expected] of [
      ['get_sessions', { user_id: 'u1' }, undefined, having('user_id', 'u1').length],
      ['user_usage', { user_id: 'u1' }, 'total_sessions', having('user_id', 'u1').length],
      ['monthly_statement', { user_id: 'u1' }, 'session_count', having('user_id', 'u1').filter(completed).length],
      ['monthly_statement', { rfid: 'r1' }, 'session_count', having('rfid', 'r1').filter(completed).length],
      ['station_analytics', { location: 'Hall' }, 'total_sessions', having('location', 'Hall').length],
      ['user_usage', { currency: 'EUR' }, 'total_sessions', having('currency', 'EUR').length],
      ['revenue_summary', { currency: 'EUR' }, 'session_count', having('currency', 'EUR').filter(completed).length],
      // The site of a charge point replaces a missing one.
      [
        'energy_by_project',
        { project_id: 'south' },
        'session_count',
        rows.filter((row) => siteOf(row) === 'south' && completed(row)).length,
      ],
      // Sessions without a user are nobody's, and without an end still start.
      ['inactive_users', { inactive_days: '1', as_of: '2025-04-01' }, 'total_sessions', having('user_id', 'u1').length],
    ] as const) {
      const answers = await answer(report, params);
      const found = count === undefined ? answers.length : answers.reduce((sum, row) => sum + Number(row[count]), 0);
      expect(found, `${report} ${JSON.stringify(params)}`).toBe(expected);
    }
  });

  test('rules judge each session by the values it has', async () => {
    const columns = await nullableColumns('charging_sessions', full);
    // One charge point per column, with that column empty in three sessions an hour apart.
    const hours = [10, 11, 12];
    const rows = columns.flatMap((column) =>
      hours.map((hour): Row => ({
        ...full,
        station_id: column,
        session_id: `${column}/${hour}`,
        // The first two fail; the last contradicts its meter by 40 kWh and its tariff by 1 EUR.
        status: hour < 12 ? 'Invalid' : 'COMPLETED',
        start_time: `2025-03-01 ${hour}:00:00`,
        end_time: `2025-03-01 ${hour}:30:00`,
        meter_stop: hour < 12 ? 10_000 : 50_000,
        amount_paid: hour < 12 ? 5 : 6,
        [column]: null,
      })),
    );
    await insert('charging_sessions', rows);
    await insert('tariffs', [{ tariff_id: 'flat', currency: 'EUR', price_per_kwh: 0.5, last_updated: '2025-01-01' }]);
    const issues = await answer('issues', { as_of: '2025-03-02', failed_in_a_row: '2' });
    const found = (rule: string): unknown[] =>
      issues
        .filter((issue) => issue['found_by'] === rule)
        .map((issue) => issue['session_id'] ?? issue['charge_point_id'])
        .toSorted();
    const without = (...missing: string[]): string[] => columns.filter((column) => !missing.includes(column));

    // A session without a connector is at a connector of its own, so two of them still fail in a row.
    // Without an end they are active, and without a status they are completed.
    expect(found('repeated_failures')).toEqual(without('end_time', 'status').toSorted());
    // Without an end there is nothing to compare; invalid readings are not marked here.
    expect(found('meter_contradiction')).toEqual(
      without('end_time', 'energy_kwh', 'meter_start', 'meter_stop')
        .map((column) => `${column}/12`)
        .toSorted(),
    );
    // Only completed sessions with an amount and a tariff. An amount without a currency is in that of the tariff.
    expect(found('tariff_contradiction')).toEqual(
      without('end_time', 'energy_kwh', 'amount_paid', 'tariff_id')
        .map((column) => `${column}/12`)
        .toSorted(),
    );
    expect(issues.filter(({ description }) => description === null)).toEqual([]);
    // Readings that are marked as invalid need no energy and no readings.
    await duckdb.run("update charging_sessions set invalid_meter_reading = true where station_id = 'energy_kwh'");
    const marked = await answer('issues', { as_of: '2025-03-02', charge_point_id: 'energy_kwh', type: 'billing' });
    expect(marked.map(({ session_id }) => session_id).toSorted()).toEqual(hours.map((hour) => `energy_kwh/${hour}`));
  });

  test('a tariff without a price does not charge it', async () => {
    const tariff: Row = {
      tariff_id: 'full',
      tariff_name: 'Full',
      currency: 'EUR',
      price_per_kwh: 0.25,
      price_per_minute: 0.125,
      price_flat: 2,
      price_per_parking_minute: 0,
      min_duration_minutes: 60,
      step_size: 1,
      tax_rate_percent: 100,
      elements: '[]',
      valid_from: '2025-03-02',
      valid_to: '2025-03-03',
      last_updated: '2025-01-01',
    };
    const columns = await nullableColumns('tariffs', tariff);
    const tariffs = columns.map((column): Row => ({ ...tariff, elements: null, tariff_id: column, [column]: null }));
    // Of 90 minutes at noon of the valid day, and of 30 minutes, which are free.
    const sessions = columns.flatMap((column) =>
      [90, 30].map((minutes): Row => ({
        ...full,
        session_id: `${column}/${minutes}`,
        tariff_id: column,
        start_time: '2025-03-02 12:00:00',
        end_time: minutes === 90 ? '2025-03-02 13:30:00' : '2025-03-02 12:30:00',
        amount_paid: 0,
      })),
    );
    await insert('tariffs', tariffs);
    await insert('charging_sessions', sessions);
    const price = (column: string, minutes: number): number =>
      minutes < 60 && column !== 'min_duration_minutes'
        ? 0
        : (column === 'price_per_kwh' ? 0 : 0.25 * 10) +
          (column === 'price_per_minute' ? 0 : 0.125 * minutes) +
          (column === 'price_flat' ? 0 : 2);
    const expected = columns.flatMap((column) =>
      [90, 30]
        .filter((minutes) => price(column, minutes) > 0)
        .map((minutes) => [`${column}/${minutes}`, price(column, minutes).toFixed(2)]),
    );
    const issues = await answer('issues', { as_of: '2025-03-10', type: 'billing' });
    expect(
      issues
        .map((issue) => [issue['session_id'], / makes it (.*) EUR$/.exec(String(issue['description']))?.[1]])
        .toSorted(),
    ).toEqual(expected.toSorted());
  });
});

describe('charge points and their events', () => {
  const asOf = { as_of: '2025-03-01 12:00:00' };
  const status: Row = {
    event_id: 'fault',
    event_type: 'status',
    event_time: '2025-03-01 10:00:00',
    connector_id: '1',
    status: 'Faulted',
    error_code: 'GroundFailure',
    vendor_error_code: 'E7',
    info: 'Wet',
    reason: 'Local',
    excluded: true,
    heartbeat_interval_seconds: 60,
    firmware_version: '1.0',
    session_id: 's',
    transaction_id: '7',
    id_tag: 'r1',
    energy_kwh: 1,
    meter_wh: 1000,
    power_kw: 11,
    soc: 50,
    payload: '{}',
    last_updated: '2025-03-01 10:00:00',
    arrival_order: 1,
  };

  /** A charge point per column: a heartbeat, then a fault with that column empty, and silence after it. */
  async function insertEvents(): Promise<string[]> {
    const columns = await nullableColumns('charge_point_events', status);
    await insert(
      'charge_point_events',
      columns.flatMap((column): Row[] => [
        {
          event_id: `${column}/0`,
          station_id: column,
          event_type: 'heartbeat',
          event_time: '2025-03-01 09:59:00',
          last_updated: '2025-03-01 09:59:00',
          arrival_order: 0,
        },
        { ...status, event_id: `${column}/1`, station_id: column, [column]: null },
      ]),
    );
    return columns;
  }

  test('rules find faults and silence whatever else is empty', async () => {
    const columns = await insertEvents();
    const issues = await answer('issues', asOf);
    const found = (rule: string): unknown[][] =>
      issues
        .filter((issue) => issue['found_by'] === rule)
        .map((issue) => [issue['charge_point_id'], issue['connector_id'], issue['description']])
        .toSorted();
    // Without a status there is no fault. Without a connector it is one of the charge point as a whole.
    expect(found('faulted')).toEqual(
      columns
        .filter((column) => column !== 'status')
        .map((column) => [
          column,
          column === 'connector_id' ? null : '1',
          `${column === 'connector_id' ? 'Charge point' : 'Connector 1'} has been faulted for 2 hours${column === 'error_code' ? '' : ': GroundFailure'}`,
        ])
        .toSorted(),
    );
    // After two intervals of 60 s, or of the default of 300 s.
    expect(found('offline')).toEqual(
      columns
        .map((column) => [
          column,
          null,
          `Charge point has been offline for 1 hour ${column === 'heartbeat_interval_seconds' ? 50 : 58} minutes`,
        ])
        .toSorted(),
    );
  });

  test('every charge point and every minute of downtime counts', async () => {
    const columns = await insertEvents();
    const [network] = await answer('network_status', asOf);
    expect(network).toMatchObject({
      project_id: null,
      charge_points_total: columns.length,
      charge_points_online: 0,
      // Those without a status or a connector have no known connector.
      unknown: columns.length - 2,
      faulted: 0,
    });
    const [day, ...others] = await answer('uptime_days', { ...asOf, from: '2025-03-01' });
    expect(others).toEqual([]);
    // Faulted since 10:00, except for the one without a status, which is offline since 10:02.
    const down = 120 * (columns.length - 1) + 118;
    expect(day).toMatchObject({
      ports: columns.length,
      port_minutes: 121 * columns.length,
      downtime_minutes: down,
      // An outage that is not marked counts in full. Silence after the event without a mark is not excluded either.
      excluded_minutes: down - 120,
    });
    for (const column of columns)
      expect(await answer('heartbeat_status', { ...asOf, charge_point_id: column }), column).toMatchObject([
        {
          last_heartbeat_at: '2025-03-01 09:59:00',
          heartbeat_interval_seconds: column === 'heartbeat_interval_seconds' ? 300 : 60,
          status: 'stale',
        },
      ]);
  });

  test('charge points, connectors and sites count whatever is not known of them', async () => {
    const point: Row = {
      charge_point_name: 'Name',
      site_id: 'north',
      vendor: 'V',
      model: 'M',
      serial_number: '1',
      firmware_version: '1.0',
      power_kw: 50,
      current_type: 'DC',
      heartbeat_interval_seconds: 60,
      opened_at: '2025-01-01',
      closed_at: '2026-01-01',
      last_updated: '2025-01-01',
    };
    const connector: Row = {
      station_id: 'site_id',
      evse_id: 'E',
      connector_name: 'Left',
      connector_type: 'CCS',
      current_type: 'DC',
      power_kw: 50,
      max_voltage: 800,
      max_amperage: 500,
      tariff_id: 'flat',
      last_updated: '2025-01-01',
    };
    const [pointColumns, connectorColumns] = [
      await nullableColumns('charge_points', point),
      await nullableColumns('connectors', connector),
    ];
    await insert(
      'charge_points',
      pointColumns.map((column) => ({ ...point, station_id: column, [column]: null })),
    );
    await insert(
      'connectors',
      connectorColumns.map((column, at) => ({ ...connector, connector_id: String(at + 1), [column]: null })),
    );
    await insert('sites', [{ site_id: 'north', site_name: null, last_updated: '2025-01-01' }]);
    const counted = await sums(
      'network_status',
      'project_id',
      ['charge_points_total', 'charge_points_online', 'unknown'],
      asOf,
    );
    expect(counted).toEqual([
      ['north', pointColumns.length - 1, 0, 0],
      [null, 1, 0, connectorColumns.length],
    ]);
    expect(await answer('status_overview', { ...asOf, project_id: 'north' })).toMatchObject([
      { project_name: 'north', charge_points_total: pointColumns.length - 1 },
    ]);
  });
});

test('imported issues are listed whatever is not known of them', async () => {
  const issue: Row = {
    type: 'faulted',
    severity: 'high',
    status: 'resolved',
    station_id: 'A',
    connector_id: '1',
    session_id: 's',
    description: 'Broken',
    note: 'Fixed',
    created_at: '2025-03-01',
    acknowledged_at: '2025-03-01',
    resolved_at: '2025-03-02',
    last_updated: '2025-03-02',
  };
  const columns = await nullableColumns('issues', issue);
  await insert(
    'issues',
    columns.flatMap((column) =>
      ['resolved', 'acknowledged', 'open'].map((status) => ({
        ...issue,
        issue_id: `${column}/${status}`,
        status,
        // Only a resolved issue has a time of resolution, and only an open one no acknowledgement.
        resolved_at: status === 'resolved' ? issue['resolved_at']! : null,
        acknowledged_at: status === 'open' ? null : issue['acknowledged_at']!,
        [column]: null,
      })),
    ),
  );
  const asOf = { as_of: '2025-03-03' };
  const states = await sums('issues', 'status', [], asOf);
  expect(states).toEqual([['acknowledged'], ['open'], ['resolved']]);
  for (const status of ['resolved', 'acknowledged', 'open'])
    expect((await answer('issues', { ...asOf, status })).map((row) => row['issue_id']).toSorted(), status).toEqual(
      columns.map((column) => `${column}/${status}`).toSorted(),
    );
  // An issue without a charge point is none of this one.
  expect((await answer('issues', { ...asOf, charge_point_id: 'A' })).length).toBe(3 * (columns.length - 1));
  expect(await answer('issues_summary', asOf)).toMatchObject([
    { open_count: columns.length, acknowledged_count: columns.length, faulted: 2 * columns.length },
  ]);
  expect(await answer('network_status', asOf)).toMatchObject([{ project_id: null, open_issues: columns.length }]);
});

describe('shop', () => {
  const purchase: Row = {
    event_id: 'e',
    customer_id: 'c1',
    event_type: 'purchase',
    event_timestamp: '2025-03-01 10:00:00',
    session_id: 'v',
    page_url: '/p',
    product_id: 'p1',
    category_id: 'k1',
    price: 5,
    quantity: 2,
    device_type: 'mobile',
    country: 'DE',
    referrer: '/',
    user_agent: 'UA',
    last_updated: '2025-03-01 10:00:00',
  };
  const spent = (row: Row): number => Number(row['price']) * Number(row['quantity'] ?? 1);

  test('events count in every report, and empty devices and countries are unknown', async () => {
    const columns = await nullableColumns('customer_events', purchase);
    const rows = columns.map((column, at): Row => ({
      ...purchase,
      event_id: `e${at}`,
      session_id: `v${at}`,
      [column]: null,
    }));
    await insert('customer_events', rows);
    const by = (column: string) => (row: Row) => row[column] ?? 'unknown';
    const objectOf = (column: string): unknown =>
      Object.fromEntries(sumBy(rows, by(column), () => 1) as [string, number][]);
    const [behaviour, ...others] = await answer('customer_behavioral_analysis');
    expect(others).toEqual([]);
    expect(behaviour).toMatchObject({
      events: rows.length,
      customers: 1,
      sessions: rows.length - 1,
      revenue: rows.reduce((sum, row) => sum + spent(row), 0),
      devices: objectOf('device_type'),
      countries: objectOf('country'),
    });
    for (const [group, column] of [
      ['device', 'device_type'],
      ['country', 'country'],
    ] as const)
      expect(await sums('customer_funnel', 'group', ['visits', 'bought', 'revenue'], { group_by: group })).toEqual(
        sumBy(
          rows,
          by(column),
          () => 1,
          () => 1,
          spent,
        ),
      );
    const known = rows.filter((row) => row['customer_id'] !== null);
    expect((await answer('customer_activity', { customer_id: 'c1' })).length).toBe(known.length);
    const history = await answer('customer_purchase_history', { customer_id: 'c1' });
    expect(history.length).toBe(known.length);
    // A purchase without a price adds nothing, and one without a quantity is one piece.
    expect(history[0]!['running_total']).toBe(known.reduce((sum, row) => sum + spent(row), 0));
    for (const [params, column] of [
      [{ country: 'de' }, 'country'],
      [{ device_type: 'mobile' }, 'device_type'],
    ] as const)
      expect((await answer('customer_behavioral_analysis', params))[0]!['events']).toBe(
        rows.filter((row) => row[column] !== null).length,
      );
    expect((await answer('customer_purchase_history', { customer_id: 'c1', category_id: 'k1' })).length).toBe(
      known.filter((row) => row['category_id'] !== null).length,
    );
    expect(await answer('customer_retention', { as_of: '2025-04-01' })).toMatchObject([{ customers: 1, active: 1 }]);
  });

  test('customers are members whatever their profile lacks', async () => {
    const profile: Row = {
      signup_date: '2025-01-01',
      email: 'a@example.com',
      first_name: 'A',
      last_name: 'B',
      age: 30,
      birth_date: '1995-01-01',
      gender: 'f',
      city: 'Bonn',
      country: 'DE',
      last_login: '2025-03-01',
      customer_segment: 'Gold',
      lifetime_value: 100,
      last_updated: '2025-01-01',
    };
    const columns = await nullableColumns('customer_profiles', profile);
    const members = columns.filter((column) => column !== 'customer_segment');
    await insert(
      'customer_profiles',
      columns.map((column) => ({ ...profile, customer_id: column, [column]: null })),
    );
    const ids = async (params: Record<string, string>): Promise<unknown[]> =>
      (await answer('segment_customers', { segment_name: 'Gold', as_of: '2025-03-02', ...params }))
        .map((row) => row['customer_id'])
        .toSorted();
    expect(await ids({})).toEqual(members.toSorted());
    for (const [params, column] of [
      [{ country: 'DE' }, 'country'],
      [{ min_age: '18' }, 'age'],
      [{ max_age: '99' }, 'age'],
      [{ min_lifetime_value: '1' }, 'lifetime_value'],
    ] as [Record<string, string>, string][])
      expect(await ids(params), column).toEqual(members.filter((each) => each !== column).toSorted());
    expect(await sums('segment_metrics', 'segment_name', ['customers'], { as_of: '2025-03-02' })).toEqual([
      ['Gold', members.length],
    ]);
    const suggestions = await answer('customer_segmentation_suggestions', { as_of: '2025-03-02' });
    expect(suggestions.map((row) => row['customer_id']).toSorted()).toEqual(columns.toSorted());
    expect(suggestions.find((row) => row['customer_id'] === 'customer_segment')).toMatchObject({
      profile_segment: null,
    });
  });
});
