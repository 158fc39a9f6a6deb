import type { Deps } from '../aws/deps.ts';
import { closeSlots } from './closed-slots.ts';
import { readCounters } from './counter-items.ts';
import type { CounterChange } from './counter-kind.ts';
import { sumChanges } from './counter-kinds.ts';
import { byPart, type CounterDrift } from './recount.ts';
import { isUnbalanced, lookAtSlots, missingIn, movedSlots, repairsIn, type SlotLook } from './slot-look.ts';

/** What a recount of everything needs. */
export interface RecountDeps extends Pick<Deps, 'projection' | 'random' | 'sleep'> {
  /** Milliseconds since the epoch. */
  clock(): number;
}

const MOST_ATTEMPTS = 3;
// While a transaction is being committed, a query may see one of its items and not yet another.
const BETWEEN_LOOKS_MILLIS = 1_000;

/**
 * Compares the counters of everything with the sum of those of all dates, exactly, while transitions flow.
 *
 * A transaction counts in the same slot of everything and of its dates, so the difference between a slot of everything and
 * the same slot of the dates stays the same, whatever flows. Each slot may therefore be read at a different moment, as long
 * as all of its items were at rest then: two equal looks prove that. Slots at rest are compared immediately. The others are
 * closed, so that their writers move to other slots, and are then compared, too. The result does not depend on the mark: a
 * writer that ignores it, such as one of an older version, only makes the two looks differ.
 *
 * @returns not `quiet` if, in each attempt, a slot never rested, slots were merged or counters repaired; or if a date is too
 * long to be noted, so that it is missing from the sum
 */
export async function recountAll(deps: RecountDeps): Promise<CounterDrift> {
  for (let attempt = 1; ; attempt++) {
    const found = await tryRecount(deps);
    if (found.quiet || attempt >= MOST_ATTEMPTS) return found;
    await deps.sleep(deps.random() * BETWEEN_LOOKS_MILLIS);
  }
}

async function tryRecount(deps: RecountDeps): Promise<CounterDrift> {
  const { first, second } = await lookTwice(deps);
  // Counts of a date that cannot be listed would look like an excess.
  if ((await readCounters(deps.projection, undefined)).health.long_date !== undefined)
    return driftOf(second, [], false);
  const moving = new Set(movedSlots(first, second));
  const resting = missingIn(second, (slot) => !moving.has(slot));
  if (moving.size === 0) return driftOf(second, resting, !isUnbalanced(first, second));
  const open = await closeSlots([...moving], deps);
  if (!open) return driftOf(second, [], false);
  const closed = await lookTwice(deps).finally(open);
  const areAtRest = !movedSlots(closed.first, closed.second).some((slot) => moving.has(slot));
  return driftOf(
    closed.second,
    [...resting, ...missingIn(closed.second, (slot) => moving.has(slot))],
    areAtRest && !isUnbalanced(first, closed.second),
  );
}

async function lookTwice({ projection, sleep }: RecountDeps): Promise<{ first: SlotLook; second: SlotLook }> {
  const first = await lookAtSlots(projection);
  await sleep(BETWEEN_LOOKS_MILLIS);
  return { first, second: await lookAtSlots(projection) };
}

function driftOf(look: SlotLook, missing: readonly CounterChange[], quiet: boolean): CounterDrift {
  return {
    date_prefix: undefined,
    ...byPart(sumChanges(missing)),
    quiet,
    repairs: repairsIn(look),
    outdated: [],
  };
}
