import type { CountedStep } from './counter-kind.ts';
import type { Transition } from './transition.ts';

/** Where the first of several transitions begins, as far as that is known. */
export interface StepStart {
  readonly status: string | undefined;
  /** `…Z`, or empty. */
  readonly since: string;
}

/**
 * The steps of transitions that follow each other, for what only grows. A step that continues from another status
 * than the one before led to is a gap, and has no duration.
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

/** Where clocks differ a step may seem to end before it began: it took no time then. */
function millisBetween(since: string | undefined, until: string): number | undefined {
  return since ? Math.max(0, Date.parse(until) - Date.parse(since)) : undefined;
}
