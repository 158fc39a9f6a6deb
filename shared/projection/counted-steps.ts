import type { CountedStep } from './counter-kind.ts';
import type { Transition } from './transition.ts';

/** Where the first of several transitions begins, if that is known. */
export interface StepStart {
  readonly status: string | undefined;
  /** `…Z`, or empty. */
  readonly since: string;
}

/**
 * The steps of successive transitions, for counters that only grow. A step that does not continue from the status that the
 * previous one led to is a gap, and has no duration.
 */
export function countedSteps(
  transitions: readonly Transition[],
  start: StepStart | undefined,
): CountedStep[] {
  let before = start;
  return transitions.map(({ from, to, event, arrivedAt, bytes }) => {
    const isGap = before?.status !== from;
    const step = {
      from,
      to,
      at: event.time,
      millis: isGap ? undefined : millisBetween(before?.since, event.time),
      wholeMillis: isGap ? undefined : millisBetween(arrivedAt, event.time),
      bytes,
    };
    before = { status: to, since: event.time };
    return step;
  });
}

/** With clock skew, a step may seem to end before it began; its duration is then 0. */
function millisBetween(since: string | undefined, until: string): number | undefined {
  return since ? Math.max(0, Date.parse(until) - Date.parse(since)) : undefined;
}
