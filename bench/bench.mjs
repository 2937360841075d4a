// Compares wattduck processes with bare DuckDB doing the same work: npm run bench [-- report rows [ingest rows]]
// Start-up time is measured by bench/start.mjs, which also runs on its own.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, line, n, peak } from './measure.mjs';
import { benchStart } from './start.mjs';
import { writeSessions } from './sessions.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [rows, large] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 10_000_000)];
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));
const at = (name) => join(folder, name);
const wattduck = (...args) => ['bin/wattduck.js', ...args];
const fresh = (database) => () => [database, `${database}.wal`].forEach((file) => rmSync(file, { force: true }));

const reports = [
  ['user_usage', 'charging', 'total_sessions desc nulls last, user_id'],
  ['get_sessions', 'charging', 'start_time desc nulls last, session_id'],
  ['station_analytics', 'charging', 'total_revenue desc nulls last, station_id, location'],
];

/** First import of a large file into an empty database: time and peak memory. */
async function ingest(kind, file) {
  const [ours, floor] = [at(`ours-${kind}.duckdb`), at(`floor-${kind}.duckdb`)];
  line(
    `ingest ${n(large)} rows of ${kind}`,
    compare(
      { args: wattduck('ingest', file, '--db', ours), before: fresh(ours) },
      { args: ['bench/floor.mjs', 'ingest', file, floor], before: fresh(floor) },
      3,
    ),
  );
  fresh(ours)();
  console.log(
    `${''.padEnd(56)} ${String(await peak(wattduck('ingest', file, '--db', ours))).padStart(7)} MB peak memory`,
  );
}

/** Import of a tenth as many rows into a filled database; every tenth row updates an older version. */
async function addTo(database) {
  const [file, ours, floor] = [at('more.csv'), at('ours-more.duckdb'), at('floor-more.duckdb')];
  await writeSessions(large / 10, file, undefined, { first: large - large / 100, version: 2 });
  const copy = (to) => () => copyFileSync(database, to);
  line(
    `ingest ${n(large / 10)} rows of csv into ${n(large)}, against an append`,
    compare(
      { args: wattduck('ingest', file, '--db', ours), before: copy(ours) },
      { args: ['bench/floor.mjs', 'append', file, floor], before: copy(floor) },
      5,
    ),
  );
  copy(ours)();
  console.log(
    `${''.padEnd(56)} ${String(await peak(wattduck('ingest', file, '--db', ours))).padStart(7)} MB peak memory`,
  );
}

function report([name, group, order], database, size, runs, ...options) {
  line(
    `report ${name.replaceAll('_', '-')} as ${options.at(-1)}, ${size}`,
    compare(
      { args: wattduck('report', name, '--db', database, ...options) },
      { args: ['bench/floor.mjs', 'report', `sql/reports/${group}/${name}.sql`, database, order] },
      runs,
    ),
  );
}

try {
  console.log(`${''.padEnd(56)} ${'wattduck'.padStart(10)} ${'floor'.padStart(10)}   ratio\n`);
  await benchStart(folder);
  await writeSessions(large, at('large.csv'), at('large.ndjson'));
  await ingest('csv', at('large.csv'));
  await ingest('ndjson', at('large.ndjson'));
  await addTo(at('ours-csv.duckdb'));
  await writeSessions(rows, at('sessions.csv'));
  spawnSync(process.execPath, wattduck('ingest', at('sessions.csv'), '--db', at('sessions.duckdb')));
  for (const [few, formats] of [
    [12, ['json', 'table']],
    [100, ['table']],
  ]) {
    const [file, small] = [at(`${few}.csv`), at(`${few}.duckdb`)];
    await writeSessions(few, file);
    spawnSync(process.execPath, wattduck('ingest', file, '--db', small));
    for (const format of formats)
      for (const each of reports) report(each, small, `${few} rows`, 15, '--format', format);
  }
  for (const each of reports) report(each, at('sessions.duckdb'), `${n(rows)} rows`, 5, '--format', 'json');
} finally {
  rmSync(folder, { recursive: true });
}
