// Every report of a large network against plain SQL that gives the same rows: npm run bench:reports [-- rows [database to keep]]
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, line, n, sameRows } from './measure.mjs';
import { writeNetwork } from './network.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [rows, kept] = [Number(process.argv[2] ?? 10_000_000), process.argv[3]];
const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));
const at = (name) => join(folder, name);
const wattduck = (...args) => ['bin/wattduck.js', ...args];

/** Reports with the options that bench/plain/<report>.sql answers by hand. */
const reports = {
  issues_summary: ['--as-of', '2025-01-01'],
  health_score: ['--as-of', '2025-01-01'],
};

try {
  const database = kept ?? at('network.duckdb');
  if (!existsSync(database)) spawnSync(process.execPath, wattduck('ingest', ...(await writeNetwork(rows, at)), '--db', database));
  console.log(`${`${n(rows)} sessions and as many events`.padEnd(56)} ${'wattduck'.padStart(10)} ${'plain SQL'.padStart(10)}   ratio\n`);
  for (const [name, options] of Object.entries(reports)) {
    const report = name.replaceAll('_', '-');
    const ours = wattduck('report', report, ...options, '--db', database, '--format', 'ndjson');
    const floor = ['bench/floor.mjs', 'query', `bench/plain/${name}.sql`, database];
    sameRows(ours, floor);
    line(report, compare({ args: ours }, { args: floor }, 5));
  }
} finally {
  rmSync(folder, { recursive: true });
}
