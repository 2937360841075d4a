import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { detectFormat } from '../../../src/ingest/detect-format.ts';
import { counts, engineDatabase, rejectionReasons } from '../../support/engine-database.ts';

const { catalog, file, rows } = await engineDatabase();
const sources = await catalog.sources();

const fixtures: [file: string, source: string, read: number, quarantined: number][] = [
  ['sites.csv', 'sites', 12, 0],
  ['charge_points.csv', 'charge_points', 60, 0],
  ['connectors.csv', 'connectors', 96, 0],
  ['tariffs.csv', 'tariffs', 4, 0],
  ['firmware_releases.csv', 'firmware_releases', 19, 0],
  ['charge_point_events.ndjson.gz', 'charge_point_events', 25_461, 0],
  ['issues.csv', 'issues', 12, 0],
  ['billing_disputes.csv', 'billing_disputes', 30, 0],
  ['customer_events.csv', 'customer_events', 3_012, 0],
  ['customer_profiles.csv', 'customer_profiles', 150, 0],
  ['customer_segments.csv', 'customer_segments', 6, 1],
];

test.each(fixtures)(
  '%s is detected as %s and imported completely; a second import changes nothing',
  async (name, source, read, quarantined) => {
    const path = `fixtures/${name}`;
    const first = await file(path);
    expect(counts(first)).toEqual({ source, read, added: read - quarantined, updated: 0, unchanged: 0, quarantined });
    expect(first.ignored).toEqual([]);
    expect(counts(await file(path))).toEqual({
      source,
      read,
      added: 0,
      updated: 0,
      unchanged: read - quarantined,
      quarantined,
    });
  },
);

test('only the hostile rule is rejected', async () => {
  expect(rejectionReasons(await file('fixtures/customer_segments.csv'))).toEqual([
    '7: segment_rules uses an unknown metric',
  ]);
  expect(await rows('select count(*), max(segment_id) from customer_segments')).toEqual([['5', 'seg-005']]);
});

test('values arrive in their columns', async () => {
  expect(await rows("select site_name, city, timezone from sites where site_id = 'site_02'")).toEqual([
    ['Alte Werft, Halle B', 'Bremen', 'Europe/Berlin'],
  ]);
  expect(
    await rows(
      "select charge_point_name, model, firmware_version, power_kw, current_type from charge_points where station_id = 'cp_005'",
    ),
  ).toEqual([['Main Street — Bay 5', 'NA Rapid 50', '3.1.1', '50', 'DC']]);
  expect(
    await rows(
      "select connector_name, connector_type from connectors where station_id = 'cp_001' and connector_id = '2'",
    ),
  ).toEqual([['Main Street — Bay 1 B', 'Type 2']]);
  expect(
    await rows(
      "select price_per_kwh::varchar, price_per_minute::varchar, price_flat::varchar from tariffs where tariff_id = 'tar_london'",
    ),
  ).toEqual([['0.520000', '0.010000', '0.500000']]);
  expect(await rows('select firmware_version from firmware_releases where not approved order by model')).toEqual([
    ['3.1.0'],
    ['2.0.0'],
  ]);
  expect(
    await rows('select event_type, count(*) from charge_point_events group by event_type order by event_type'),
  ).toEqual([
    ['connect', '375'],
    ['disconnect', '316'],
    ['firmware', '143'],
    ['heartbeat', '23634'],
    ['meter', '234'],
    ['status', '759'],
  ]);
  expect(
    await rows("select disputed_amount::varchar, status from billing_disputes where dispute_id = 'dsp_001'"),
  ).toEqual([['195.000000', 'upheld']]);
  expect(await rows('select sum(quantity) filter (quantity < 0) from customer_events')).toEqual([['-21']]);
});

describe('a fixture fits one source only', () => {
  const names = (name: string): string[] => {
    const bytes = readFileSync(`fixtures/${name}`);
    const lines = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
    if (!name.includes('ndjson')) return lines[0]!.split(/[,;]/);
    // One line of this file is broken on purpose.
    return [
      ...new Set(
        lines
          .filter((line) => line.startsWith('{') && line.endsWith('}'))
          .flatMap((line) => Object.keys(JSON.parse(line) as object)),
      ),
    ];
  };
  const sessions = ['sessions-2024.csv', 'sessions-2025.ndjson.gz', 'sessions-corrections.csv'].map(
    (name): [string, string] => [name, 'charging_sessions'],
  );

  test.each([...sessions, ...fixtures.map(([name, source]): [string, string] => [name, source])])(
    '%s',
    (name, source) => {
      const layout = {
        format: 'csv' as const,
        names: names(name),
        lists: new Map<string, string[]>(),
        delimiter: ',',
        path: name,
        compression: 'uncompressed' as const,
      };
      const takers = sources.filter((each) => {
        try {
          return detectFormat([each], [], layout, name).length === 1;
        } catch {
          return false;
        }
      });
      expect(takers.map((each) => each.name)).toEqual([source]);
    },
  );
});
