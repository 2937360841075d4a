import { defineConfig } from 'vitest/config';

const timeouts = { testTimeout: 60_000, hookTimeout: 60_000 };
const e2e = 'test/e2e/**/*.test.ts';

/** `npm test` runs the unit and smoke projects; `npm run test:all` all of them, at full strength. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...timeouts,
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [e2e],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      // They start many processes and race them: nothing else runs next to them.
      {
        test: {
          ...timeouts,
          name: 'smoke',
          include: ['test/e2e/smoke.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...timeouts,
          name: 'e2e',
          include: [e2e],
          exclude: ['test/e2e/smoke.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
