import { defineConfig } from 'vitest/config';

const patience = { testTimeout: 60_000, hookTimeout: 60_000 };
const laws = 'test/law/**/*.test.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...patience,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [laws],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      // They run long, start many processes and race them: nothing else runs beside them.
      { test: { ...patience, name: 'laws', include: [laws], maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
