import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';
import { MIDNIGHT_VARIABLE } from './offset.ts';

/** The tests as they are, for a run in which preload.ts has moved the clock. */
export default mergeConfig(
  base,
  defineConfig({
    test: {
      setupFiles: ['test/clock/file-start.ts', 'test/clock/engine-times.ts'],
      // Over midnight the clock goes back for each file: none may keep what another has read from it.
      isolate: Boolean(process.env[MIDNIGHT_VARIABLE]),
    },
  }),
);
