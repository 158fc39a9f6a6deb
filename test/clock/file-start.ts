import { clockOffset, MIDNIGHT_VARIABLE, OFFSET_VARIABLE } from './offset.ts';

/** Time enough to load a test, and mostly not enough to end its first one. */
const BEFORE_MILLIS = 2_000;

/**
 * In a run over midnight every test file begins shortly before it. With one clock for all, the day would end in
 * the middle of only the two that happen to run then.
 */
const midnight = process.env[MIDNIGHT_VARIABLE];
if (midnight) {
  const realNow = Date.now() - clockOffset();
  process.env[OFFSET_VARIABLE] = String(Number(midnight) - BEFORE_MILLIS - realNow);
}
