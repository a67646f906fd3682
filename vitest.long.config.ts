import { defineConfig } from 'vitest/config';

/** What takes minutes: real processes killed, whole order histories. `npm run test:long`. */
export default defineConfig({
  test: {
    include: ['test/long/**/*.test.ts'],
    testTimeout: 600_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // They measure and kill processes: side by side they would measure each other.
    fileParallelism: false,
  },
});
