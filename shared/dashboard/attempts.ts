import { isInFlight } from '../pipeline/status.ts';
import type { ShownEvent } from './answers.ts';

/** An event of a file, and how long the status lasted that it led to. */
export interface Stage extends ShownEvent {
  /** Milliseconds since the epoch. */
  readonly from: number;
  /** When the next event came, or now while the status lasts; the same as `from` where neither is. */
  readonly to: number;
  /** It still lasts. */
  readonly isOpen: boolean;
}

/** A file's way from its upload, or from a reset, to wherever it came. */
export interface Attempt {
  readonly stages: readonly Stage[];
  readonly start: number;
  /** When it settled; how long it lay there until a reset is no part of it. */
  readonly end: number;
}

/** The attempts of a file, in order. Events whose time cannot be read are taken to come with the one before. */
export function attemptsOf(events: readonly ShownEvent[], now: number): Attempt[] {
  const times = events.map(({ timestamp }) => Date.parse(timestamp));
  const known = times.map((time, i) =>
    Number.isNaN(time) ? (times.slice(0, i).findLast(Number.isFinite) ?? now) : time,
  );
  const stages = events.map((event, i) => stageOf(event, known[i] ?? now, known[i + 1], now));
  const starts = stages.flatMap(({ event }, i) =>
    i === 0 || event === 'uploaded' || event === 'reset' ? [i] : [],
  );
  return starts.map((start, i) => attemptOf(stages.slice(start, starts[i + 1])));
}

/** @param next when the event after it came; undefined for the last one */
function stageOf(event: ShownEvent, from: number, next: number | undefined, now: number): Stage {
  const isOpen = next === undefined && isInFlight(event.status);
  return { ...event, from, to: next ?? (isOpen ? Math.max(from, now) : from), isOpen };
}

/** A clock that went back makes a later event the earlier one. */
function attemptOf(stages: readonly Stage[]): Attempt {
  const last = stages.at(-1);
  const hasSettled = last !== undefined && !isInFlight(last.status);
  const times = stages.flatMap((stage) =>
    stage === last && hasSettled ? [stage.from] : [stage.from, stage.to],
  );
  return { stages, start: Math.min(...times), end: Math.max(...times) };
}
