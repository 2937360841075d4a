import { existsSync, mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';

const data = resolve('../shared/data');
const folder = scratch();

const sessionTotals = `select count(*)::int as rows, count(end_time)::int as ends, sum(energy_kwh) as kwh, min(start_time) as first, max(end_time) as last,
  sum(epoch(end_time - start_time))::bigint as seconds from charging_sessions`;
const eventTotals = `select count(*)::int as rows, count(distinct customer_id)::int as customers, sum(price) as price, sum(quantity)::int as quantity,
  min(event_timestamp) as first, max(event_timestamp) as last from customer_events`;

/** Files that have a built-in mapping, the options that nothing in them shows, and how their totals may differ. */
const files: [path: string, options: string[], known?: Record<string, unknown>][] = [
  ['charging/ail_lugano_2017.csv', ['--tz', 'Europe/Zurich']],
  ['charging/norway_residential.csv', ['--tz', 'Europe/Oslo']],
  ['charging/palo_alto_2011_2013_10k.csv', []],
  ['charging/sap_labs_france.csv', []],
  // Two pairs of rows differ only in their energy: they are kept apart.
  ['charging/perth_kinross_2017_18.csv', ['--tz', 'Europe/London'], { rows: 20_247, ends: 20_204, kwh: 222_590.438 }],
  ['charging/asensio_station_data_dataverse.csv', ['--tz', 'UTC']],
  ['charging/leeds/2016-h2.csv', ['--tz', 'Europe/London']],
  ['charging/leeds/2019-h2.csv', ['--tz', 'Europe/London']],
  ['charging/leeds/2020-q4.csv', ['--tz', 'Europe/London']],
  ['charging/boulder_2018_2021_newlayout.csv', []],
  ['charging/acn_office1.json', []],
  ['charging/ocpi-2.2.1/cdr_example.json', []],
  ['customers/rees46_2019oct_sample.csv', []],
  ['customers/uci_online_retail/2010-12-01.csv', ['--tz', 'Europe/London']],
];

describe.skipIf(!existsSync(data))('without their built-in mapping, real files have the same totals', () => {
  test.each(files)('%s', async (name, options, known = {}) => {
    const own = mkdtempSync(join(folder, 'real-'));
    const path = join(data, name);
    const sqlDir = ['--sql-dir', join(own, 'sql')];
    const totals = async (db: string, ...args: string[]): Promise<object> => {
      const file = join(own, db);
      expect(await wattduck(['ingest', path, '--db', file, ...args])).toMatchObject({ status: 0 });
      const select = name.startsWith('customers') ? eventTotals : sessionTotals;
      return (
        JSON.parse((await wattduck(['sql', select, '--db', file, '--json', '--tz', 'UTC'])).stdout) as object[]
      )[0]!;
    };
    const mapped = await wattduck(['map', path, '--no-built-in', '--yes', ...options, ...sqlDir]);
    expect(mapped.status, mapped.stderr).toBe(0);
    expect(await totals('mapped.duckdb', ...sqlDir)).toEqual({ ...(await totals('known.duckdb')), ...known });
  });
});
