// Runs the tests on ClickHouse. Its library is half a gigabyte, so it is installed here alone, on the first run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const folder = 'test/clickhouse';
const args = process.argv.slice(2);
const maySkip = args.includes('--allow-skip') || process.env.WATTDUCK_ALLOW_SKIP === '1';

const run = (command, commandArgs, cwd) => spawnSync(command, commandArgs, { stdio: 'inherit', cwd }).status === 0;

if (!existsSync(`${folder}/node_modules/ffi-rs`)) {
  console.error('Installing ClickHouse for the tests (547 MB) …');
  // Not `npm ci`, which requires packages of platforms that a registry may lack.
  if (!run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], folder)) {
    console.error(
      `ClickHouse could not be installed: the tests on it were skipped.${maySkip ? '' : ' Use --allow-skip to accept that.'}`,
    );
    process.exit(maySkip ? 0 : 1);
  }
}
const tests = args.filter((each) => each !== '--allow-skip');
process.exit(run('npx', ['vitest', 'run', '--project', 'clickhouse', ...tests]) ? 0 : 1);
