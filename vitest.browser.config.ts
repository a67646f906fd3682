import { defineConfig } from 'vitest/config';

/** Needs a Chromium (CHROMIUM, or /usr/bin/chromium). `npm run test:browser`. */
export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    fileParallelism: false,
  },
});
