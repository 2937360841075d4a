// Compares reports on a large network with handwritten SQL for the same rows, and times suggestions for a large shop: npm run bench:reports [-- rows [database to keep [reports]]]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildEntry, entry } from './entry.mjs';
import { line, median, n, peak } from './measure.mjs';
import { writeNetwork } from './network.mjs';
import { writeShop } from './shop.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [size, kept, only] = process.argv.slice(2);
const rows = Number(size ?? 10_000_000);
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));

const atNewYear = { as_of: '2025-01-01' };
const onePoint = { charge_point_id: 'cp_7', as_of: '2024-06-01' };
/** Reports with parameters; bench/plain/<report>.sql returns the same rows. */
const reports = {
  energy_by_charge_point: {},
  energy_by_project: {},
  energy_by_time_of_day: {},
  energy_trends: {},
  revenue_summary: {},
  revenue_by_charge_point: {},
  revenue_by_tariff: {},
  failed_sessions: {},
  monthly_statement: {},
  peak_load: {},
  utilisation_by_hour: {},
  live_status: onePoint,
  heartbeat_status: onePoint,
  connection_health: onePoint,
  status_overview: { project_id: 'site_3', as_of: '2024-06-01' },
  uptime_report: atNewYear,
  health_score: atNewYear,
  issues_summary: atNewYear,
  charging_events: {
    site_id: 'site_3',
    from: '2023-03-01',
    to: '2024-09-30',
    search_text: 'rfid_123',
    sort_field: 'energy_consumed',
    take: '100',
    skip: '200',
  },
};

/** Median time and rows of one query, run in a new process. */
function run(kind, name, database) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['bench/query.mjs', kind, name, database, JSON.stringify(reports[name])],
    { encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const isNumber = (cell) => typeof cell !== 'boolean' && cell !== null && cell !== '' && Number.isFinite(Number(cell));

/** Whether two cells are equal; numbers to nine digits, or as far as averages are rounded. */
const isEqual = (ours, floor) =>
  isNumber(ours) && isNumber(floor)
    ? Math.abs(ours - floor) <= Math.max(0.000501, Math.abs(floor) * 1e-9)
    : String(ours) === String(floor);

const isEqualRow = (ours, floor = []) =>
  ours.length === floor.length && ours.every((cell, at) => isEqual(cell, floor[at]));

/** Runs report and handwritten SQL in turn, so that load affects both; throws if their rows differ. */
function compareQueries(name, database) {
  const pairs = Array.from({ length: 3 }, () => ({
    ours: run('report', name, database),
    floor: run('plain', name, database),
  }));
  const [ours, floor] = [pairs[0].ours.rows, pairs[0].floor.rows];
  const at = ours.findIndex((row, index) => !isEqualRow(row, floor[index]));
  if (at >= 0 || ours.length !== floor.length)
    throw new Error(
      `${name}: ${ours.length} rows, handwritten SQL ${floor.length}; row ${at}:\n${ours[at]}\n${floor[at]}`,
    );
  return {
    ours: median(pairs.map((pair) => pair.ours.ms)),
    floor: median(pairs.map((pair) => pair.floor.ms)),
    ratio: median(pairs.map((pair) => pair.ours.ms / pair.floor.ms)),
  };
}

/** Streams suggestions for every customer with a memory limit of 2 GB: time and peak memory of the process. */
async function measureSuggestions(database) {
  const started = performance.now();
  const most = await peak([
    'bin/wattduck.js',
    'report',
    'customer-segmentation-suggestions',
    '--as-of',
    '2025-01-01',
    '--all',
    '--format',
    'csv',
    '-o',
    join(folder, 'all.csv'),
    '--memory-limit',
    '2GB',
    '--db',
    database,
  ]);
  console.log(
    `\nsegments suggested to ${n(Math.ceil(rows / 10))} customers: ${((performance.now() - started) / 1000).toFixed(1)} s, at most ${n(most)} MB`,
  );
}

try {
  await buildEntry('catalog/catalog', 'warehouse/duckdb', 'warehouse/database', 'reports/run-report');
  const database = kept ?? join(folder, 'network.duckdb');
  const at = (name) => join(folder, name);
  if (!existsSync(database))
    spawnSync(process.execPath, [
      'bin/wattduck.js',
      'ingest',
      ...(await writeNetwork(rows, at)),
      ...(await writeShop(rows, at)),
      '--db',
      database,
    ]);
  console.log(
    `${`queries over ${n(rows)} sessions and as many events`.padEnd(56)} ${'wattduck'.padStart(10)} ${'plain SQL'.padStart(10)}   ratio\n`,
  );
  for (const name of only?.split(',') ?? Object.keys(reports)) line(name, compareQueries(name, database));
  if (!only) await measureSuggestions(database);
} finally {
  rmSync(folder, { recursive: true });
  rmSync(entry, { force: true });
}
