import { expect, test } from 'vitest';
import { endingOf } from '../../../shared/changes/write-files.ts';

const over = AbortSignal.abort();
const written = (retryable: number, isComplete = false) => ({
  counts: { applied: 20, skipped: 0, failed: retryable },
  retryable,
  isComplete,
  progress: {},
});

test.each([
  ['stays under way when the next run follows', written(0), { isContinued: true }, 'applying'],
  [
    'stays under way when files waited for their next attempt as time was up',
    written(3),
    { isContinued: true, signal: over },
    'applying',
  ],
  ['also when they were the last ones', written(3, true), { isContinued: true, signal: over }, 'applying'],
  ['stops when too many failed', written(10), { isContinued: true, signal: over }, 'stopped'],
  ['stops when files failed and there was time left', written(3), { isContinued: true }, 'stopped'],
  ['stops when no run follows', written(3), { signal: over }, 'stopped'],
  ['is done when every file has its result', written(0, true), { isContinued: true }, 'done'],
])('a change %s', (_, of, options, state) => {
  expect(endingOf(of, options).state).toBe(state);
});
