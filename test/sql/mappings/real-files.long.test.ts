import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { scratch } from '../../support/cli.ts';
import { cliDatabase, rejectionReasons, summarize } from './cli-database.ts';

const data = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const folder = scratch();

type Row = Record<string, string>;
const csv = (path: string, delimiter = ','): Row[] =>
  parse(readFileSync(join(data, path)), { columns: true, bom: true, delimiter }) as Row[];

const sum = (values: number[]): number => values.reduce((all, each) => all + each, 0);

const filesIn = (path: string, beginning = ''): string[] =>
  readdirSync(join(data, path))
    .filter((name) => name.startsWith(beginning))
    .map((name) => join(data, path, name));

/** Rows as the README counts them, results by mapping (read = new + updated + unchanged + rejected), and the reasons of rejected rows. */
const files: [path: string, rows: number, accounts: string[], reasons: string[]][] = [
  [
    'charging/palo_alto_2011_2013_10k.csv',
    9_999,
    ['charging_sessions by chargepoint_export: 9999 = 9999 + 0 + 0 + 0'],
    [],
  ],
  [
    'charging/boulder_2018_2021_newlayout.csv',
    24_081,
    ['charging_sessions by chargepoint_arcgis: 24081 = 24081 + 0 + 0 + 0'],
    [],
  ],
  ['charging/ail_lugano_2017.csv', 5_729, ['charging_sessions by ail_lugano_sessions: 5729 = 5729 + 0 + 0 + 0'], []],
  [
    'charging/ail_lugano_stations.csv',
    62,
    [
      'charge_points by ail_lugano_charge_points: 62 = 62 + 0 + 0 + 0',
      'sites by ail_lugano_sites: 62 = 62 + 0 + 0 + 0',
    ],
    [],
  ],
  [
    'charging/perth_kinross_2017_18.csv',
    20_277,
    ['charging_sessions by perth_kinross: 20277 = 20245 + 0 + 2 + 30'],
    ['29 end_time is before start_time', '1 energy_kwh is negative'],
  ],
  [
    'charging/asensio_station_data_dataverse.csv',
    3_395,
    ['charging_sessions by workplace_dataverse: 3395 = 3395 + 0 + 0 + 0'],
    [],
  ],
  [
    'charging/leeds/2016-h2.csv',
    1_936,
    ['charging_sessions by leeds: 1936 = 1925 + 0 + 0 + 11'],
    ['11 energy_kwh is negative'],
  ],
  [
    'charging/leeds/2019-h2.csv',
    4_215,
    ['charging_sessions by leeds: 4215 = 4207 + 0 + 0 + 8'],
    ['8 energy_kwh is negative'],
  ],
  [
    'charging/leeds/2020-q4.csv',
    1_098,
    ['charging_sessions by leeds: 1098 = 1097 + 0 + 0 + 1'],
    ['1 energy_kwh is negative'],
  ],
  ['ocpp/kwwhat_ocpp16_synthetic_14d.csv', 17_670, ['charge_point_events by ocpp_log: 17670 = 17670 + 0 + 0 + 0'], []],
  ['customers/rees46_2019oct_sample.csv', 1_000, ['customer_events by rees46: 1000 = 1000 + 0 + 0 + 0'], []],
];

const semicolons: typeof files = [
  ['charging/sap_labs_france.csv', 26_823, ['charging_sessions by sap_labs_france: 26823 = 26823 + 0 + 0 + 0'], []],
  ['charging/norway_residential.csv', 6_878, ['charging_sessions by norway_residential: 6878 = 6878 + 0 + 0 + 0'], []],
];

const ocpi: [path: string, ...accounts: string[]][] = [
  ['cdr_example.json', 'charging_sessions by ocpi_cdr: 1 = 1 + 0 + 0 + 0'],
  ['session_example_1_simple_start.json', 'charging_sessions by ocpi_session: 1 = 1 + 0 + 0 + 0'],
  ['session_example_2_short_finished.json', 'charging_sessions by ocpi_session: 1 = 1 + 0 + 0 + 0'],
  ['session_patch_example_charging_period.json', 'charging_sessions by ocpi_session_patch: 1 = 0 + 0 + 0 + 1'],
  ['session_patch_example_total_cost.json', 'charging_sessions by ocpi_session_cost_patch: 1 = 0 + 0 + 0 + 1'],
  ['location_patch_example_status.json', 'charge_point_events by ocpi_evse_status_patch: 1 = 0 + 0 + 0 + 1'],
  ['tariff_1_simple_2hour.json', 'tariffs by ocpi_tariff: 1 = 1 + 0 + 0 + 0'],
  ['tariff_4_complex.json', 'tariffs by ocpi_tariff: 1 = 1 + 0 + 0 + 0'],
  ['token_example_1_app_user.json', 'id_tags by ocpi_token: 1 = 1 + 0 + 0 + 0'],
  ['token_example_2_full_rfid.json', 'id_tags by ocpi_token: 1 = 1 + 0 + 0 + 0'],
];

describe.skipIf(!existsSync(data))('real files', () => {
  test.each([...files, ...semicolons])('%s', async (path, rows, expected, why) => {
    expect(csv(path, semicolons.some(([each]) => each === path) ? ';' : ',')).toHaveLength(rows);
    const taken = await cliDatabase(folder).file(join(data, path));
    expect(taken.map(summarize).toSorted()).toEqual(expected);
    expect(taken.flatMap(rejectionReasons)).toEqual(why);
  });

  test('ACN-Data', async () => {
    const items = (JSON.parse(readFileSync(join(data, 'charging/acn_office1.json'), 'utf8')) as { _items: unknown[] })
      ._items;
    const [taken] = await cliDatabase(folder).file(join(data, 'charging/acn_office1.json'));
    expect(summarize(taken!)).toBe(`charging_sessions by acn_data: ${items.length} = ${items.length} + 0 + 0 + 0`);
  });

  test.each(ocpi)('OCPI %s', async (path, ...expected) => {
    expect((await cliDatabase(folder).file(join(data, 'charging/ocpi-2.2.1', path))).map(summarize)).toEqual(expected);
  });

  test('OCPI locations: every EVSE is a charge point, every connector is kept', async () => {
    for (const path of filesIn('charging/ocpi-2.2.1', 'location_example')) {
      const { evses } = JSON.parse(readFileSync(path, 'utf8')) as { evses: { connectors: unknown[] }[] };
      const connectors = sum(evses.map((evse) => evse.connectors.length));
      expect((await cliDatabase(folder).file(path)).map(summarize).toSorted()).toEqual([
        `charge_points by ocpi_location_charge_points: ${evses.length} = ${evses.length} + 0 + 0 + 0`,
        `connectors by ocpi_location_connectors: ${connectors} = ${connectors} + 0 + 0 + 0`,
        'sites by ocpi_location_sites: 1 = 1 + 0 + 0 + 0',
      ]);
    }
  });

  test('these are the only OCPI examples', () => {
    expect(filesIn('charging/ocpi-2.2.1')).toHaveLength(
      ocpi.length + filesIn('charging/ocpi-2.2.1', 'location_example').length,
    );
  });

  test('OCPP captures: four name their charge point', async () => {
    const [taken] = await cliDatabase(folder).file(join(data, 'ocpp/field_captures.ndjson'));
    expect([summarize(taken!), rejectionReasons(taken!)]).toEqual([
      'charge_point_events by ocpp_captures: 9 = 4 + 0 + 0 + 5',
      ['5 station_id is missing'],
    ]);
  });

  test('UCI invoices: every line of every day, guests included', async () => {
    const paths = filesIn('customers/uci_online_retail');
    const rows = paths.flatMap((path) => parse(readFileSync(path), { columns: true }) as Row[]);
    const { file, rows: select } = cliDatabase(folder);
    const taken = await file(...paths);
    expect(taken).toHaveLength(paths.length);
    for (const key of ['read', 'added', 'updated', 'unchanged', 'quarantined'] as const) {
      expect([key, sum(taken.map((each) => each[key]))]).toEqual([
        key,
        ['read', 'added'].includes(key) ? rows.length : 0,
      ]);
    }
    const typeOf = ({ InvoiceNo: invoice, Quantity: quantity }: Row): string =>
      invoice!.startsWith('C')
        ? 'refund'
        : invoice!.startsWith('A') || Number(quantity) < 0
          ? 'adjustment'
          : 'purchase';
    const mills = (of: Row[]): number =>
      sum(of.map((row) => Math.round(Number(row['UnitPrice']) * 1000) * Number(row['Quantity'])));
    const customers = (of: Row[]): number => new Set(of.map((row) => row['CustomerID']).filter((id) => id !== '')).size;
    expect(
      await select(
        'select event_type, count(*), count(distinct customer_id), (sum(price * quantity) * 1000)::bigint from customer_events group by event_type order by event_type',
      ),
    ).toEqual(
      ['adjustment', 'purchase', 'refund']
        .map((type) => {
          const of = rows.filter((row) => typeOf(row) === type);
          return [type, String(of.length), String(customers(of)), String(mills(of))];
        })
        .filter(([, count]) => count !== '0'),
    );
  });
});

interface Session {
  station: string;
  starts: Date;
  ends: Date | undefined;
  kwh: number;
  /** Money in millionths. */
  paid: number;
}

/** Month, day, year and clock time of Palo Alto's export, 7 or 8 hours behind UTC. */
function pacific(text: string, letters: string): Date {
  const [month, day, year, hour, minute] = text.split(/[/ :]/).map(Number) as [number, number, number, number, number];
  return new Date(Date.UTC(year, month - 1, day, hour + (letters === 'PDT' ? 7 : 8), minute));
}

const paloAlto = (): Session[] =>
  csv('charging/palo_alto_2011_2013_10k.csv').map((row) => ({
    station: row['MAC Address']!.replaceAll(':', ''),
    starts: pacific(row['Start Date']!, row['Start Time Zone']!),
    ends: pacific(row['End Date']!, row['End Time Zone']!),
    kwh: Number(row['Energy (kWh)']),
    paid: Math.round(Number(row['Fee']) * 1e6),
  }));

const sapLabs = (): Session[] =>
  csv('charging/sap_labs_france.csv', ';').map((row) => ({
    station: row['ID borne']!,
    starts: new Date(row['Date demarrage']!),
    ends: row['Date fin'] === '' ? undefined : new Date(row['Date fin']!),
    kwh: Number(row['Consommation totale (Wh)']) / 1000,
    paid: Math.round(Number(row['Prix total']) * 1e6),
  }));

const acn = (): Session[] =>
  (
    JSON.parse(readFileSync(join(data, 'charging/acn_office1.json'), 'utf8')) as { _items: Record<string, string>[] }
  )._items.map((item) => ({
    station: item['stationID']!,
    starts: new Date(item['connectionTime']!),
    ends: new Date(item['disconnectTime']!),
    kwh: Number(item['kWhDelivered']),
    paid: 0,
  }));

/** Expected figures of a report on sessions. */
function figures(sessions: Session[]): { sessions: number; kwh: number; paid: number; minutes: number } {
  const lengths = sessions.flatMap(({ starts, ends }) => (ends ? [(ends.getTime() - starts.getTime()) / 60_000] : []));
  return {
    sessions: sessions.length,
    kwh: sum(sessions.map(({ kwh }) => kwh)),
    paid: sum(sessions.map(({ paid }) => paid)),
    minutes: lengths.length > 0 ? sum(lengths) / lengths.length : 0,
  };
}

const grouped = (sessions: Session[], by: (session: Session) => string): [string, Session[]][] => {
  const groups = new Map<string, Session[]>();
  for (const session of sessions) groups.set(by(session), [...(groups.get(by(session)) ?? []), session]);
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
};

describe.skipIf(!existsSync(data)).each([
  ['charging/palo_alto_2011_2013_10k.csv', paloAlto],
  ['charging/sap_labs_france.csv', sapLabs],
  ['charging/acn_office1.json', acn],
])('reports over %s', (path, read) => {
  const { file, said } = cliDatabase(folder);
  const stations = async (...args: string[]): Promise<Record<string, number | string>[]> =>
    (
      JSON.parse(await said(['report', 'station_analytics', ...args, '--format', 'json'])) as {
        data: Record<string, number | string>[];
      }
    ).data;
  const total = (rows: Record<string, number | string>[], column: string): number =>
    sum(rows.map((row) => Number(row[column])));

  test('match figures computed here, by station and by month', async () => {
    const sessions = read();
    await file(join(data, path));

    const byStation = grouped(sessions, ({ station }) => station);
    const reported = (await stations()).toSorted((a, b) =>
      String(a['station_id']) < String(b['station_id']) ? -1 : 1,
    );
    expect(reported.map((row) => row['station_id'])).toEqual(byStation.map(([station]) => station));
    for (const [at, [, of]] of byStation.entries()) {
      const [row, wanted] = [reported[at]!, figures(of)];
      expect([row['total_sessions'], Math.round(Number(row['total_revenue']) * 1e6)]).toEqual([
        wanted.sessions,
        wanted.paid,
      ]);
      expect(row['total_energy_consumed']).toBeCloseTo(wanted.kwh, 6);
      expect(row['avg_session_duration_minutes'] ?? 0).toBeCloseTo(wanted.minutes, 3);
    }

    for (const [month, of] of grouped(sessions, ({ starts }) => starts.toISOString().slice(0, 7))) {
      const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).toISOString().slice(0, 10);
      const rows = await stations('--start-date', `${month}-01`, '--end-date', last);
      const wanted = figures(of);
      expect([month, total(rows, 'total_sessions'), Math.round(total(rows, 'total_revenue') * 1e6)]).toEqual([
        month,
        wanted.sessions,
        wanted.paid,
      ]);
      expect(total(rows, 'total_energy_consumed')).toBeCloseTo(wanted.kwh, 6);
    }
  });
});
