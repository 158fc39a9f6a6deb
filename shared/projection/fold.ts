import { comparePositions } from './position.ts';
import type { Entity, Transition } from './transition.ts';

/** All that one batch says of one record, in stream order, each position once. */
export interface Folded {
  readonly entity: Entity;
  readonly datePrefix: string;
  readonly fileKey: string;
  /** Never empty. */
  readonly transitions: readonly [Transition, ...Transition[]];
}

/**
 * Gathers a batch per record, so that several transitions of a file cost one write. Results are grouped by
 * date, because the files of one transaction share their date's counter item.
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

/** One text per record; DynamoDB keys may hold any character but never this pairing of lengths and parts. */
function identity({ datePrefix, fileKey }: Transition): string {
  return `${datePrefix.length}:${datePrefix}${fileKey}`;
}

function folded(group: [Transition, ...Transition[]]): Folded {
  const { entity, datePrefix, fileKey } = group[0];
  return { entity, datePrefix, fileKey, transitions: group.length > 1 ? inStreamOrder(group) : group };
}

function inStreamOrder(group: readonly Transition[]): [Transition, ...Transition[]] {
  const sorted = [...group].sort((a, b) => comparePositions(a.event.position, b.event.position));
  const once = sorted.filter((item, i) => i === 0 || item.event.position !== sorted[i - 1]?.event.position);
  return once as [Transition, ...Transition[]];
}

function byDate(a: Folded, b: Folded): number {
  return a.datePrefix < b.datePrefix ? -1 : a.datePrefix > b.datePrefix ? 1 : 0;
}
