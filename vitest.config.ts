import { defineConfig } from 'vitest/config';

const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };
const unit = ['test/**/*.test.ts'];
const slow = ['test/property/**/*.test.ts', 'test/e2e/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { test: { ...timeouts, name: 'unit', include: unit, exclude: slow, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      // They start many processes and race them: nothing else runs next to them.
      { test: { ...timeouts, name: 'slow', include: slow, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
