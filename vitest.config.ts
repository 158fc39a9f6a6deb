import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // DynamoDB Local is one process: more workers than cores only add latency to every test.
    maxWorkers: 2,
  },
});
