/** How many files have been settled, since files are counted. */
export interface SettledCounts {
  readonly settled: number;
  /** Those of them that did not become completed. */
  readonly failed: number;
  /** How many of those failed for a cause that was acknowledged then, by class. */
  readonly known?: Readonly<Record<string, number>>;
}

/** The same at one moment. */
export interface SettledSample extends SettledCounts {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** How many were settled within the window. */
export interface SettledShare {
  readonly settled: number;
  readonly failed: number;
}

/** A wave begins with every fifth file of five minutes, and is over when it is less than every tenth. */
const WINDOW_MILLIS = 5 * 60_000;
const BEGINS_AT = 0.2;
const ENDS_BELOW = 0.1;
// As of the alarm: a share of fewer says little.
const LEAST_FILES = 20;
// What is older than twice the window comes from before a pause.
const OLDEST_MILLIS = 2 * WINDOW_MILLIS;

/** The samples with one more, and without those that no window needs any more: the newest of before it is one. */
export function withSettled(samples: readonly SettledSample[], sample: SettledSample): SettledSample[] {
  const recent = samples.filter(({ at }) => at < sample.at && sample.at - at <= OLDEST_MILLIS);
  const begin = recent.findLastIndex(({ at }) => sample.at - at >= WINDOW_MILLIS);
  return [...recent.slice(Math.max(0, begin)), sample];
}

/**
 * What was settled in the last five minutes, without what failed for a cause that is acknowledged; undefined while nobody
 * has looked for so long.
 */
export function shareOf(samples: readonly SettledSample[]): SettledShare | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.at - first.at < WINDOW_MILLIS) return undefined;
  // A table that was restored counts less than before: such a window tells nothing.
  const known = knownAmong(samples, last);
  const settled = last.settled - first.settled - known;
  const failed = last.failed - first.failed - known;
  return settled < 0 || failed < 0 ? undefined : { settled, failed };
}

/** Of each class counted from the first look on at which it was acknowledged. */
function knownAmong(samples: readonly SettledSample[], { known = {} }: SettledSample): number {
  return Object.entries(known).reduce((sum, [id, count]) => {
    const before = samples.find((sample) => sample.known?.[id] !== undefined)?.known?.[id] ?? count;
    return sum + Math.max(0, count - before);
  }, 0);
}

/** Whether there is a wave, by what was settled and whether there was one. */
export function isWave({ settled, failed }: SettledShare, before: boolean): boolean {
  if (before) return settled > 0 && failed >= ENDS_BELOW * settled;
  return settled >= LEAST_FILES && failed >= BEGINS_AT * settled;
}
