import { readdirSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// Long enough for a busy machine: a test that times out goes on next to the following ones, and makes them fail too.
const timeouts = { testTimeout: 240_000, hookTimeout: 240_000 };
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
          ...timeouts,
          name: 'unit',
          include: [all],
          exclude: [long, e2e, clickhouse, ...random],
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...timeouts,
          name: 'random',
          include: random,
          exclude: [long, e2e, clickhouse],
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...timeouts, name: 'long', include: [long], exclude: [e2e], sequence: { groupOrder: 0 } } },
      // They start many processes and race them: nothing else runs next to them.
      { test: { ...timeouts, name: 'smoke', include: [smoke], maxWorkers: 1, sequence: { groupOrder: 1 } } },
      {
        test: {
          ...timeouts,
          name: 'e2e',
          include: [e2e],
          exclude: [smoke],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      // Each file starts its own ClickHouse servers: one file at a time.
      {
        test: {
          ...timeouts,
          name: 'clickhouse',
          include: [clickhouse],
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
    maxWorkers: 2,
  },
});
