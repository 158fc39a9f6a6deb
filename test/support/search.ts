import { randomInt } from 'node:crypto';
import fc from 'fast-check';

const BOX_MILLIS = 1_500;
const longSeconds = Number(process.env.SEARCH_SECONDS ?? 0);

/** Whether this run tries more points and searches longer (`npm run test:long`) instead of being quick. */
export const isLongSearch = longSeconds > 0;

/** How many runs of a property are the minimum to prove anything, and how many are enough for a quick run of the tests. */
export interface Box {
  readonly least: number;
  readonly most: number;
}

/**
 * Checks a property in rounds of `least` runs until its time is over or it has had `most` runs. The first round is
 * always complete, so a busy machine checks less, but never nothing. A long search (`SEARCH_SECONDS`) ends only after
 * that many seconds.
 *
 * @throws Error with the seed that reproduces the failure: `PROPERTY_SEED=… npx vitest run FILE`
 */
export async function search<Ts>(property: fc.IRawProperty<Ts>, { least, most }: Box): Promise<void> {
  const end = performance.now() + (isLongSearch ? longSeconds * 1_000 : BOX_MILLIS);
  const enough = isLongSearch ? Number.POSITIVE_INFINITY : most;
  const first = Number(process.env.PROPERTY_SEED ?? randomInt(2 ** 31));
  for (let round = 0; round * least < enough; round++) {
    if (round > 0 && performance.now() >= end) return;
    await searchRound(property, first + round, least);
  }
}

/**
 * Which of the points from 1 to `last` to try, evenly spaced: `few` of them, four times as many in a long search, and
 * all of them with `EVERY_POINT=1`, which takes many minutes.
 */
export function pointsUpTo(last: number, few: number): number[] {
  const count = process.env.EVERY_POINT ? last : Math.min(isLongSearch ? 4 * few : few, last);
  return Array.from({ length: count }, (_, i) => 1 + Math.floor((i * last) / count));
}

async function searchRound<Ts>(property: fc.IRawProperty<Ts>, seed: number, numRuns: number): Promise<void> {
  try {
    await fc.assert(property, { seed, numRuns });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Reproduce it with PROPERTY_SEED=${seed}.\n${reason}`, { cause: error });
  }
}
