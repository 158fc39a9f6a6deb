import type { Entity } from '../pipeline/record.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { comparePositions } from './position.ts';
import type { Transition } from './transition.ts';

/** All transitions of one record in one batch, in stream order, each position once. */
export interface Folded extends RecordKey {
  readonly entity: Entity;
  /** Never empty. */
  readonly transitions: readonly [Transition, ...Transition[]];
  /** Whether its durations and sizes are counted; by default, they are not. */
  readonly countsFlow?: boolean;
}

/**
 * Groups a batch by record, so that several transitions of a file cost one write. Results are sorted by date, because the
 * files of one transaction share their date's counter item.
 */
export function fold(transitions: readonly Transition[]): Folded[] {
  const groups = new Map<string, [Transition, ...Transition[]]>();
  for (const transition of transitions) {
    const key = identity(transition);
    const group = groups.get(key);
    if (group) group.push(transition);
    else groups.set(key, [transition]);
  }
  return [...groups.values()].map(folded).sort(byDate);
}

/** A unique text per record; the length makes it unambiguous, because DynamoDB keys may contain any character. */
function identity({ date_prefix, file_key }: Transition): string {
  return `${date_prefix.length}:${date_prefix}${file_key}`;
}

function folded(group: [Transition, ...Transition[]]): Folded {
  const { entity, date_prefix, file_key } = group[0];
  return { entity, date_prefix, file_key, transitions: group.length > 1 ? inStreamOrder(group) : group };
}

function inStreamOrder(group: readonly Transition[]): [Transition, ...Transition[]] {
  const sorted = [...group].sort((a, b) => comparePositions(a.event.position, b.event.position));
  const once = sorted.filter((item, i) => i === 0 || item.event.position !== sorted[i - 1]?.event.position);
  return once as [Transition, ...Transition[]];
}

function byDate(a: Folded, b: Folded): number {
  return a.date_prefix < b.date_prefix ? -1 : a.date_prefix > b.date_prefix ? 1 : 0;
}
