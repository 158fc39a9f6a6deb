import { dayOf } from '../text/time.ts';

/**
 * The dates that an object without a date in its key may be filed under: the day on which its event was taken, which is
 * the day of the upload or, after midnight or a redrive of dead letters, a later one.
 *
 * @param modified when it was uploaded, in milliseconds since the epoch
 */
export function filedDays(modified: number, now: number): readonly string[] {
  const days = Math.floor(Math.min(now - modified, LONGEST_IN_QUEUE) / DAY_MILLIS);
  return Array.from({ length: Math.max(days, 0) + 2 }, (_, later) => dayOf(modified + later * DAY_MILLIS));
}

const DAY_MILLIS = 86_400_000;
/** SQS keeps no message longer, and a dead letter's time counts from its first arrival. */
const LONGEST_IN_QUEUE = 14 * DAY_MILLIS;
