import { configDefaults, defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

// On an idle machine a test takes seconds. These only end one that hangs, on a machine however busy.
const HANGING_MILLIS = 300_000;

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/**/*.long.test.ts'],
    tags: [
      {
        name: 'long',
        description: 'Takes seconds: whole systems, every point of a run. Left out by npm test.',
      },
      {
        name: 'search',
        description: 'Tries random inputs or points: a few in npm test, many in npm run test:long.',
      },
    ],
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: HANGING_MILLIS,
    hookTimeout: HANGING_MILLIS,
    expect: { poll: { timeout: HANGING_MILLIS / 2 } },
    // The files of a worker share what they load, the SDK above all: loaded and compiled again for each file, it took
    // a third of the processor time. A test that changes its process (a variable, a folder) puts it back.
    isolate: false,
    // One more than two cores: now and then a worker waits for processes or for time to pass. A fourth gains nothing.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
});
