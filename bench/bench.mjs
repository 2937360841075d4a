// Whole processes against bare DuckDB doing the same work in the same run: npm run bench [-- rows]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare } from './measure.mjs';
import { writeSessions } from './sessions.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const rows = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));
const at = (name) => join(folder, name);
const wattduck = (...args) => ['bin/wattduck.js', ...args];
const fresh = (database) => () => [database, `${database}.wal`].forEach((file) => rmSync(file, { force: true }));

const reports = [
  ['user_usage', 'charging', 'total_sessions desc nulls last, user_id'],
  ['get_sessions', 'charging', 'start_time desc nulls last, session_id'],
  ['station_analytics', 'charging', 'total_revenue desc nulls last, station_id, location'],
  ['energy_by_time_of_day', 'energy', 'hour'],
];

const line = (what, { ours, floor, ratio }) =>
  console.log(`${what.padEnd(56)} ${ours.toFixed(0).padStart(7)} ms ${floor.toFixed(0).padStart(7)} ms   ${ratio.toFixed(2)}`);

function ingest(kind, file) {
  const [ours, floor] = [at(`ours-${kind}.duckdb`), at(`floor-${kind}.duckdb`)];
  line(`ingest ${rows.toLocaleString('en-US')} rows of ${kind}`, compare(
    { args: wattduck('ingest', file, '--db', ours), before: fresh(ours) },
    { args: ['bench/floor.mjs', 'ingest', file, floor], before: fresh(floor) },
    5,
  ));
}

function report([name, group, order], database, size, runs, ...options) {
  line(`report ${name.replaceAll('_', '-')} as ${options.at(-1)}, ${size}`, compare(
    { args: wattduck('report', name, '--db', database, ...options) },
    { args: ['bench/floor.mjs', 'report', `sql/reports/${group}/${name}.sql`, database, order] },
    runs,
  ));
}

try {
  await writeSessions(rows, at('sessions.csv'), at('sessions.ndjson'));
  console.log(`${''.padEnd(56)} ${'wattduck'.padStart(10)} ${'floor'.padStart(10)}   ratio\n`);
  line('--help, against node -e 0', compare({ args: wattduck('--help') }, { args: ['-e', '0'] }, 15));
  ingest('csv', at('sessions.csv'));
  ingest('ndjson', at('sessions.ndjson'));
  for (const [few, formats] of [[12, ['json', 'table']], [100, ['table']]]) {
    const [file, small] = [at(`${few}.csv`), at(`${few}.duckdb`)];
    await writeSessions(few, file, at('few.ndjson'));
    spawnSync(process.execPath, wattduck('ingest', file, '--db', small));
    for (const format of formats) for (const each of reports) report(each, small, `${few} rows`, 15, '--format', format);
  }
  for (const each of reports) report(each, at('ours-csv.duckdb'), `${rows.toLocaleString('en-US')} rows`, 5, '--format', 'json');
} finally {
  rmSync(folder, { recursive: true });
}
