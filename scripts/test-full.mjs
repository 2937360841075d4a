// Runs tests at full strength: all random runs. Arguments are those of vitest.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync('npx', ['vitest', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, WATTDUCK_TEST: 'full' },
  shell: process.platform === 'win32',
});
process.exit(status ?? 1);
