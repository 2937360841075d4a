import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { scratch, wattduck } from '../support/cli.ts';
import { importFiles } from '../support/import-files.ts';

const folder = scratch();
const db = join(folder, 'own.duckdb');
const own = join(folder, 'sql');

const energyBySite = `/*---
title: Energy by site
description: Energy and sessions per site.
http: /v0/pipes/energy_by_site.json
params:
  least: { description: Only sites with at least this much energy, default: 0, min: 0, example: 50 }
  type: { description: AC or DC, choices: [AC, DC] }
columns:
  site_id: { description: Site }
  kwh: { description: Energy delivered, unit: kWh }
  sessions: { description: Sessions started, unit: count }
key: [site_id]
sort: { default: -kwh, allow: [kwh, sessions] }
page: { kind: limit, default: 50, max: 100 }
answer: { shape: list, key: sites, echo: [type], totals: { total_kwh: "coalesce(sum(kwh), 0)" } }
---*/
select site_id, coalesce(sum(energy_kwh), 0) as kwh, count(*) as sessions
from charging_sessions
where ($type::varchar is null or charging_type = $type::varchar)
group by site_id
having coalesce(sum(energy_kwh), 0) >= $least::double
`;

beforeAll(async () => {
  mkdirSync(join(own, 'reports', 'mine'), { recursive: true });
  writeFileSync(join(own, 'reports', 'mine', 'energy_by_site.sql'), energyBySite);
  await importFiles(['test/reports/data/dozen/dozen.csv'], db);
});

const run = (...options: string[]) => wattduck(['report', 'energy-by-site', '--sql-dir', own, '--db', db, ...options]);

test('one SQL file in a folder is a report: listed, with help, parameters, sorting and totals', async () => {
  expect((await wattduck(['report', '--sql-dir', own])).stdout).toMatch(/^Mine\n {2}energy-by-site +Energy by site$/m);
  expect((await run('--help')).stdout).toMatch(
    /--least <x> +Only sites with at least this much energy \(default 0;\s+for\s+example 50\)/,
  );

  // north: 10 + 6 + 20 + 30 + 0 + 45 + 5 + 8 = 124 kWh in 8 sessions; south: 12 + 9 + 22 = 43 in 4, one without energy.
  expect(JSON.parse((await run('--json')).stdout)).toEqual({
    type: null,
    sites: [
      { site_id: 'north', kwh: 124, sessions: 8 },
      { site_id: 'south', kwh: 43, sessions: 4 },
    ],
    total_kwh: 167,
  });
  expect((await run('--sort', 'kwh', '--format', 'csv')).stdout).toBe(
    'site_id,kwh,sessions\nsouth,43,4\nnorth,124,8\n',
  );
  // DC: north has s04, s05 and s06 with 75 kWh, south s10 with 22.
  expect((await run('--type', 'DC', '--least', '50', '--format', 'csv')).stdout).toBe(
    'site_id,kwh,sessions\nnorth,75,3\n',
  );
});

test('a truncated document says so', async () => {
  const { stdout, stderr } = await run('--limit', '1', '--json');
  expect(JSON.parse(stdout)).toEqual({
    type: null,
    sites: [{ site_id: 'north', kwh: 124, sessions: 8 }],
    total_kwh: 167,
    truncated: true,
  });
  expect(stderr).toBe('Showing 1 of 2 rows (use --limit for more)\n');
});

test.each([
  [['--type', 'ac'], 'error: invalid value "ac" for --type. Did you mean'],
  [['--least', '-1'], 'error: invalid value "-1" for --least: must be 0 or more'],
  [['--least', 'much'], 'error: invalid value "much" for --least: expected a number'],
  [['--limit', '101'], 'error: invalid value "101" for --limit: must be between 1 and 100'],
])('its parameters are checked: %j', async (options, line) => {
  const { status, stderr } = await run(...options);
  expect(status).toBe(2);
  expect(stderr).toContain(line.slice(0, 40));
});

test('WATTDUCK_SQL_DIR does the same as --sql-dir', async () => {
  const { stdout } = await wattduck(['report', 'energy_by_site', '--db', db, '--format', 'csv'], {
    env: { WATTDUCK_SQL_DIR: own },
  });
  expect(stdout).toMatch(/^site_id,kwh,sessions\n/);
});
