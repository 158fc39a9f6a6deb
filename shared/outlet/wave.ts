/** How many files have settled since counting began. */
export interface SettledCounts {
  readonly settled: number;
  /** Those of them that did not become completed. */
  readonly failed: number;
  /** How many of those failed for a cause that was acknowledged at the time, by class. */
  readonly known?: Readonly<Record<string, number>>;
}

/** The same at one moment. */
export interface SettledSample extends SettledCounts {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** How many settled within the window. */
export interface SettledShare {
  readonly settled: number;
  readonly failed: number;
}

/** A wave begins when at least 20% of the files of five minutes failed, and ends when it is less than 10%. */
const WINDOW_MILLIS = 5 * 60_000;
const BEGINS_AT = 0.2;
const ENDS_BELOW = 0.1;
// The same as for the alarm: a share of fewer files says little.
const LEAST_FILES = 20;
// Samples older than twice the window are from before a pause.
const OLDEST_MILLIS = 2 * WINDOW_MILLIS;

/** The samples with one added, without those that the window no longer needs; the newest one before it is still needed. */
export function withSettled(samples: readonly SettledSample[], sample: SettledSample): SettledSample[] {
  const recent = samples.filter(({ at }) => at < sample.at && sample.at - at <= OLDEST_MILLIS);
  const begin = recent.findLastIndex(({ at }) => sample.at - at >= WINDOW_MILLIS);
  return [...recent.slice(Math.max(0, begin)), sample];
}

/**
 * How many files settled in the last five minutes, without those that failed for an acknowledged cause; undefined until
 * the samples cover that time.
 */
export function shareOf(samples: readonly SettledSample[]): SettledShare | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < WINDOW_MILLIS) return undefined;
  // A restored table counts less than before, so such a window says nothing.
  const known = knownAmong(samples, last);
  const settled = last.settled - first.settled - known;
  const failed = last.failed - first.failed - known;
  return settled < 0 || failed < 0 ? undefined : { settled, failed };
}

/** Counts each class from the first look at which it was acknowledged. */
function knownAmong(samples: readonly SettledSample[], { known = {} }: SettledSample): number {
  return Object.entries(known).reduce((sum, [id, count]) => {
    const before = samples.find((sample) => sample.known?.[id] !== undefined)?.known?.[id] ?? count;
    return sum + Math.max(0, count - before);
  }, 0);
}

/** Whether there is a wave, from what settled and whether there was one before. */
export function isWave({ settled, failed }: SettledShare, before: boolean): boolean {
  if (before) return settled > 0 && failed >= ENDS_BELOW * settled;
  return settled >= LEAST_FILES && failed >= BEGINS_AT * settled;
}
