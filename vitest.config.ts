import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Long enough for a busy machine: a test that times out goes on next to the following ones, and makes them fail too.
const shared = {
  testTimeout: 240_000,
  hookTimeout: 240_000,
  globalSetup: 'test/support/global-setup.ts',
  setupFiles: 'test/support/one-thread.ts',
};
const all = 'test/**/*.test.ts';
const long = 'test/**/*.long.test.ts';
const smoke = 'test/e2e/smoke.test.ts';
const e2e = 'test/e2e/**/*.test.ts';
const clickhouse = 'test/clickhouse/**/*.test.ts';

/** Test files whose number of random runs depends on WATTDUCK_TEST. */
const random = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((name) => `test/${name.replaceAll('\\', '/')}`)
  .filter((path) => path.endsWith('.test.ts') && readFileSync(path, 'utf8').includes('/support/runs.ts'));

/**
 * `npm test` runs the unit, random and smoke projects; `npm run test:long` random, long and e2e at full strength;
 * `npm run test:all` all of them at full strength; `npm run test:clickhouse` the tests that need ClickHouse servers.
 */
export default defineConfig({
  test: {
    projects: [
      // One module graph per worker: these files mock no modules and change no global state.
      {
        test: {
          ...shared,
          name: 'unit',
          include: [all],
          exclude: [long, e2e, clickhouse, ...random],
          isolate: false,
        },
      },
      {
        test: {
          ...shared,
          name: 'random',
          include: random,
          exclude: [long, e2e, clickhouse],
          isolate: false,
        },
      },
      { test: { ...shared, name: 'long', include: [long], exclude: [e2e] } },
      { test: { ...shared, name: 'smoke', include: [smoke] } },
      { test: { ...shared, name: 'e2e', include: [e2e], exclude: [smoke] } },
      // Each file starts its own ClickHouse servers: one file at a time.
      {
        test: {
          ...shared,
          name: 'clickhouse',
          include: [clickhouse],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    maxWorkers: 2,
  },
});
