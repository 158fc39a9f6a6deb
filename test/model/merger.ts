import { mergeIdleSlots } from '../../shared/projection/counter-slots.ts';
import { tidyCounters } from '../../shared/projection/tidy-counters.ts';
import { interceptedDocuments } from '../support/intercepted.ts';
import { faultyCalls } from './faulty-calls.ts';
import type { World } from './world.ts';

// So late that no consumer's clock makes a slot look as if somebody wrote there.
const NOW = Date.parse('2026-12-23T06:00:00Z');

/** Merges the slots of some dates, beside whatever consumers do to them; what the table refuses is left as it is. */
export async function mergeSlots(dates: readonly string[], world: World): Promise<void> {
  const docs = interceptedDocuments(
    world.dynamoDb,
    faultyCalls('merger', [], world, () => undefined),
  );
  for (const date of dates) {
    const deps = { projection: { docs, name: world.table }, now: NOW };
    world.tally.add('slot merged', await mergeIdleSlots(date, deps).catch(() => 0));
    world.tally.add('counter tidied', await tidyCounters(date, deps).catch(() => 0));
  }
}
