import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

/** The tests as they are, for a run in which preload.ts has moved the clock. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      setupFiles: ['test/clock/file-start.ts', 'test/clock/engine-times.ts'],
      // The times of the engine are moved once in a process.
      isolate: true,
    },
  }),
);
