// Compares the start-up time of commands with that of a minimal process: node bench/start.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, line } from './measure.mjs';
import { writeSessions } from './sessions.mjs';

const [runs, wattduck] = [15, (...args) => ['bin/wattduck.js', ...args]];

/** @param folder for the database of 1,000 sessions */
export async function benchStart(folder) {
  const [file, database] = [join(folder, 'start.csv'), join(folder, 'start.duckdb')];
  await writeSessions(1000, file);
  spawnSync(process.execPath, wattduck('ingest', file, '--db', database));
  const nothing = { args: ['-e', '0'] };
  line('--help, against node -e 0', compare({ args: wattduck('--help') }, nothing, runs));
  line('report, the list, against node -e 0', compare({ args: wattduck('report') }, nothing, runs));
  for (const name of ['station-analytics', 'user-usage', 'get-sessions']) {
    const ours = { args: wattduck('report', name, '--json', '--db', database) };
    line(
      `report ${name}, 1,000 rows, against bare DuckDB`,
      compare(ours, { args: ['bench/bare.mjs', database] }, runs),
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.chdir(fileURLToPath(new URL('..', import.meta.url)));
  const folder = mkdtempSync(join(tmpdir(), 'wattduck-bench-'));
  try {
    await benchStart(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
