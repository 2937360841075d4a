import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeFiles } from '../catalog/report-file.ts';
import { scratch, wattduck, type CliResult } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';
import { dataSets } from '../support/in-process-server.ts';

// Charge point S1 earns 3 euros on each day from 1 to 20 June 2025, S2 2.50, S3 1 from the 15th on, S4 2 francs on the 19th.
const folder = scratch();
const db = join(folder, 'steady.duckdb');
beforeAll(async () => {
  await importFiles(dataSets('steady'), db);
});

const forecasts = (...options: string[]): Promise<CliResult> =>
  wattduck(['report', 'revenue-forecasts', '--db', db, ...options]);
const onTerminal = async (...options: string[]): Promise<string[]> =>
  (
    await wattduck(['report', 'revenue-forecasts', '--db', db, ...options], { terminal: 80, env: { NO_COLOR: '1' } })
  ).stdout
    .trimEnd()
    .split('\n');
const csv = async (...options: string[]): Promise<string[]> => {
  const { status, stdout, stderr } = await forecasts(...options, '--format', 'csv');
  expect([status, stderr]).toEqual([0, '']);
  return stdout.trimEnd().split('\n');
};

describe('the totals', () => {
  // With under 8 weeks of history, 30 days may be 44 % off and others by the root of their ratio: 5.5 a day · 60 (1 ± 0.44 √2) and so on; the low end of 90 days is that of 69.
  test('the table leaves out columns without information', async () => {
    expect(await onTerminal('--as-of', '2025-06-15')).toEqual([
      'horizon  forecast  confidence  confidence',
      '   days   revenue         low        high  generated at',
      '───────  ────────  ──────────  ──────────  ───────────────────',
      '     30    165.00       92.40      237.60  2025-06-15 00:00:00',
      '     60    330.00      124.66      535.34  2025-06-15 00:00:00',
      '     90    495.00      126.26      872.24  2025-06-15 00:00:00',
    ]);
    expect(
      (await onTerminal('--as-of', '2025-06-15', '--by', 'charge_point', '--horizons', '2'))
        .slice(-2)
        .map((line) => line.split(/ {2,}/).slice(0, 3)),
    ).toEqual([
      ['S1', '2', '6.00'],
      ['S2', '2', '5.00'],
    ]);
    const { stdout } = await forecasts('--as-of', '2025-06-15', '--horizons', '2', '--format', 'markdown');
    expect(stdout.split('\n')[0]).toBe(
      '| generated at | horizon days | forecast revenue | confidence low | confidence high |',
    );
  });

  test('csv and --columns give all columns', async () => {
    expect(await csv('--as-of', '2025-06-15', '--horizons', '2')).toEqual([
      'generated_at,charge_point_id,project_id,horizon_days,forecast_revenue,confidence_low,confidence_high',
      '2025-06-15 00:00:00,,,2,11,9.75,12.25',
    ]);
    expect(
      (await onTerminal('--as-of', '2025-06-15', '--columns', 'project_id,horizon_days'))
        .slice(-3)
        .map((line) => line.split(/ +/)),
    ).toEqual([
      ['–', '30'],
      ['–', '60'],
      ['–', '90'],
    ]);
    const { stdout } = await forecasts('--as-of', '2025-06-15', '--horizons', '2', '--format', 'ndjson');
    expect(JSON.parse(stdout)).toMatchObject({ charge_point_id: null, project_id: null });
  });

  test('--daily lists every day, with history on request', async () => {
    const daily = ['--as-of', '2025-06-16', '--charge-point-id', 'S2', '--horizons', '2,1', '--daily'];
    const head = 'charge_point_id,project_id,day,revenue,forecast_revenue,confidence_low,confidence_high';
    const future = [',,2025-06-16,,2.5,1.4,3.6', ',,2025-06-17,,2.5,1.4,3.6'];
    expect(await csv(...daily)).toEqual([head, ...future]);
    expect(await csv(...daily, '--history', '2')).toEqual([
      head,
      ',,2025-06-14,2.5,,,',
      ',,2025-06-15,2.5,,,',
      ...future,
    ]);
    expect((await forecasts(...daily, '--limit', '1', '--format', 'csv')).stderr).toBe(
      'Showing 1 of 2 rows (use --limit for more)\n',
    );
    expect(await csv(...daily, '--all')).toEqual([head, ...future]);
    const own = await wattduck(['report', 'revenue-forecast-days', '--db', db, ...daily.slice(0, -1), '--json']);
    expect((await forecasts(...daily, '--json')).stdout).toBe(own.stdout);
  });

  test('--explain explains them', async () => {
    const [head, line] = await csv(
      '--as-of',
      '2025-06-16',
      '--charge-point-id',
      'S2',
      '--horizons',
      '4',
      '--explain',
      '--columns',
      'horizon_days,history_from,history_to,history_days,active_charge_points,forecast_revenue',
    );
    expect([head, line]).toEqual([
      'horizon_days,history_from,history_to,history_days,active_charge_points,forecast_revenue',
      '4,2025-06-01,2025-06-15,15,1,10',
    ]);
  });

  test('--explain notes horizons with too few independent past periods', async () => {
    // 140 days of 10: past periods begin every seventh day from the 28th to the 133rd. Of 15 days, the last begins on the 119th: 1 + 91 / 15,
    // or 7 do not overlap; of 30 days, on the 105th: 1 + 77 / 30, or 3.
    const days = Array.from({ length: 140 }, (_, day) =>
      new Date(Date.UTC(2025, 0, 1 + day)).toISOString().slice(0, 10),
    );
    const [file, other] = [join(folder, 'constant.csv'), join(folder, 'constant.duckdb')];
    const rows = days.map((day, at) => `c${at},S9,${day}T10:00:00Z,${day}T11:00:00Z,20,10`);
    writeFileSync(file, `session_id,station_id,start_time,end_time,energy_kwh,amount_paid\n${rows.join('\n')}\n`);
    expect((await wattduck(['ingest', file, '--db', other])).status).toBe(0);
    const columns = 'horizon_days,forecast_revenue,coverage,forecasts_tested,independent_tests';
    const { stdout, stderr } = await wattduck(
      ['report', 'revenue-forecasts', '--db', other, '--as-of', '2025-05-21', '--horizons', '15,30'].concat([
        '--explain',
        '--columns',
        columns,
        '--format',
        'csv',
      ]),
    );
    expect(stdout.trimEnd().split('\n')).toEqual([columns, '15,150,1,14,7', '30,300,,12,3']);
    expect(stderr).toContain('coverage of 30 days: too few independent past periods to tell (5 are needed)\n');
  });

  test('help names the options that require --daily, with an example', async () => {
    const { stdout } = await forecasts('--help');
    expect(stdout).toMatch(
      /--history <n> +With --daily and --chart: Number of past days to\s+return before the forecast \(default 0; 0 to 3650;\s+for\s+example 60\)/,
    );
    expect(stdout).toContain('  wattduck report revenue-forecasts --daily\n');
    expect(stdout).not.toMatch(/--forecast/);
    expect((await wattduck(['report', 'energy-trends', '--help'])).stdout).not.toMatch(/--daily|--horizons/);
  });
});

describe('invalid options', () => {
  test.each([
    [2, ['--explain', '--daily'], 'error: --explain cannot be combined with --daily. Omit one of them.\n'],
    [2, ['--history', '7'], 'error: --history requires --daily and --chart\n'],
    [2, ['--history', '7', '--explain'], 'error: --history requires --daily and --chart\n'],
    [2, ['--daily', '--history', '-1'], 'error: invalid value "-1" for --history: must be between 0 and 3650\n'],
    [
      2,
      ['--horizons', '30,40O'],
      'error: invalid value "40O" for --horizons: expected a number of days. Use integers from 1 to 365, separated by commas, for example 30,60,90.\n',
    ],
    [2, ['--confidence', '80'], 'error: invalid value "80" for --confidence: must be between 0.5 and 0.99\n'],
    [2, ['--by', 'charger'], 'error: invalid value "charger" for --by. Accepted: charge_point, project.\n'],
    [2, ['--forecast', '[]'], "error: unknown option '--forecast' (Did you mean --format?)\n"],
  ])('%i: %j', async (status, options, line) => {
    expect(await forecasts(...options)).toEqual({ status, stdout: '', stderr: line });
  });

  test.each([
    [
      ['--as-of', '2025-06-10'],
      'history too short to forecast: 9 days from 2025-06-01 to 2025-06-09. At least 14 days are needed: import older data, or forecast from 2025-06-15 on.\n',
    ],
    [
      ['--as-of', '2025-06-10', '--by', 'project', '--daily'],
      'history too short to forecast: the longest of 2 series has 9 days from 2025-06-01 to 2025-06-09. At least 14 days are needed: import older data, or forecast from 2025-06-15 on.\n',
    ],
    [
      ['--charge-point-id', 's1', '--currency', 'EUR'],
      'no history to forecast from before 2026-01-01 00:00 UTC with --charge-point-id "s1" and --currency "EUR". Only complete days count. IDs and names are case-sensitive.\n',
    ],
    [['--as-of', '2025-06-01'], 'no history to forecast from before 2025-06-01. Only complete days count.\n'],
  ])('no history is no error, but a note: %j', async (options, note) => {
    expect(await forecasts(...options, '--format', 'csv')).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^[a-z_,]+\n$/) as string,
      stderr: note,
    });
    expect((await forecasts(...options)).stderr).toBe(`no rows\n${note}`);
  });
});

test('a network without recent sessions gets a note with the date to forecast from', async () => {
  const note =
    'no activity since 2025-06-20: the 194 days before the forecast are empty (use --as-of 2025-06-21 to forecast from there)\n';
  for (const format of ['table', 'json', 'csv']) {
    const { status, stdout, stderr } = await forecasts('--charge-point-id', 'S1', '--format', format);
    expect([status, stderr]).toEqual([0, note]);
    expect(stdout).not.toContain('nothing');
  }
  expect((await forecasts('--charge-point-id', 'S1', '--as-of', '2025-06-21')).stderr).toBe('');
  // The charge point is active until 17 July, when its last session is 27 days old.
  expect((await forecasts('--charge-point-id', 'S1', '--as-of', '2025-07-18')).stderr).toBe('');
  expect((await forecasts('--charge-point-id', 'S1', '--as-of', '2025-07-19')).stderr).toBe(note.replace('194', '28'));
});

test("a user's folder forecasts anything: a shop's orders", async () => {
  const head = (title: string): string => `/*---\ntitle: ${title}\ndescription: Of the shop.\n`;
  const number = (...names: string[]): string =>
    names.map((name) => `  ${name}: { description: Orders, nullable: true }\n`).join('');
  const rest = (more: string): string =>
    `sort: { default: day, allow: [] }\npage: { kind: none }\nanswer: { shape: list }\n${more}\n---*/\n`;
  const own = writeFiles(join(folder, 'shop'), {
    'views/daily_orders.sql': `${head('Orders day by day')}params:
  as_of: { description: Orders before it, role: now }
  country: { description: Of this country }
---*/
with bought as (
  select cast(event_timestamp as date) as bought_on, count(*) as orders from customer_events
  where event_type = 'purchase' and event_timestamp < $as_of::timestamp and ($country::varchar is null or country = $country::varchar) group by cast(event_timestamp as date)
),
numbered as (select first_day, unnest(range(0, date_diff('day', first_day, bucket_of_epoch('day', epoch_s($as_of::timestamp), 'UTC')))) as n from (select min(bought_on) as first_day from bought) as begun),
every_day as (select bucket_of_date('day', first_day + interval (n) day) as day from numbered)
select '' as series, day, coalesce(orders, 0)::double as value, 1::bigint as active from every_day left join bought on bought_on = day
`,
    'reports/shop/order_forecasts.sql': `${head('Orders to come')}columns:\n  day: { description: Days }\n${number('orders')}key: [day]\n${rest('forecast: { series: daily_orders, daily: order_days }')}select horizon_days as day, value as orders from forecast_totals\n`,
    'reports/shop/order_days.sql': `${head('Orders each day')}columns:\n  day: { description: Day }\n${number('was', 'will_be', 'least', 'most')}key: [day]\n${rest('chart: { kind: fan, x: day, y: was, forecast: will_be, low: least, high: most }\nforecast: { series: daily_orders }')}select day, actual as was, value as will_be, low as least, high as most from forecast_days\n`,
  });
  const events = Array.from({ length: 14 }, (_, day) =>
    [1, 2].map(
      (n) =>
        `e${day}-${n},c${n},purchase,2025-03-${String(day + 1).padStart(2, '0')} 10:00:00,${n === 1 ? 'DE' : 'FR'}`,
    ),
  ).flat();
  writeFileSync(
    join(folder, 'events.csv'),
    `event_id,customer_id,event_type,event_timestamp,country\n${events.join('\n')}\n`,
  );
  const shop = join(folder, 'shop.duckdb');
  expect(
    (await wattduck(['ingest', join(folder, 'events.csv'), '--source', 'customer_events', '--db', shop])).status,
  ).toBe(0);
  const orders = (...options: string[]): Promise<CliResult> =>
    wattduck(['report', 'order-forecasts', '--sql-dir', own, '--db', shop, '--format', 'csv', ...options]);
  expect(await orders('--as-of', '2025-03-15', '--horizons', '10')).toEqual({
    status: 0,
    stdout: 'day,orders\n10,20\n',
    stderr: '',
  });
  expect(
    (await orders('--as-of', '2025-03-15', '--horizons', '1', '--country', 'FR', '--daily', '--history', '1')).stdout,
  ).toMatch(/^day,was,will_be,least,most\n2025-03-14,1,,,\n2025-03-15,,1,0\.5(6|59)\d*,1\.44\d*\n$/);
  expect((await orders('--as-of', '2025-03-14')).stderr).toMatch(
    /^history too short to forecast: 13 days from 2025-03-01 to 2025-03-13\. At least 14 days/,
  );
  expect((await orders('--as-of', '2025-03-15', '--country', 'IT')).stderr).toBe(
    'no history to forecast from before 2025-03-15 with --country "IT". Only complete days count. IDs and names are case-sensitive.\n',
  );
});

describe('the setting for public holidays', () => {
  // 14 July is the last of 30 days from 15 June on; Whit Monday was a day like any: 165 less 34.4 % of 5.5.
  const forecast = (holidays: string, ...options: string[]): Promise<CliResult> =>
    wattduck(
      ['report', 'revenue-forecasts', '--db', db, '--as-of', '2025-06-15', '--horizons', '30', '--json', ...options],
      { env: { WATTDUCK_HOLIDAYS: holidays } },
    );
  const sum = async (...given: Parameters<typeof forecast>): Promise<unknown> =>
    (JSON.parse((await forecast(...given)).stdout) as { forecasts: { forecast_revenue: number }[] }).forecasts[0]!
      .forecast_revenue;

  test('applies unless the option is set', async () => {
    expect(await sum('FR')).toBe(163.11);
    expect(await sum('FR', '--holidays', 'DE')).toBe(165);
    expect(await sum('FR', '--holidays', 'none')).toBe(165);
  });

  test('is named in the message if it is invalid, also by a server before it starts', async () => {
    const stderr =
      'error: invalid value "EU" for WATTDUCK_HOLIDAYS: holidays of this country are not known. Use the ISO 3166 code of a country, such as DE, or none.\n';
    expect(await forecast('EU')).toMatchObject({ status: 2, stdout: '', stderr });
    const served = await wattduck(['serve', '--db', db, '--port', '0'], { env: { WATTDUCK_HOLIDAYS: 'EU' } });
    expect(served).toMatchObject({ status: 2, stderr });
  });
});
