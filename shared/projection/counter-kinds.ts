import { ageCounts } from './ages.ts';
import type {
  Counted,
  CountedHead,
  CounterChange,
  CounterKind,
  CounterName,
  HeadMove,
  Standing,
} from './counter-kind.ts';
import { type CountDelta, sumDeltas } from './counters.ts';
import { durationCounts } from './durations.ts';
import { failureCounts } from './failure-counts.ts';
import { senderCounts } from './sender-counts.ts';
import { sizeCounts } from './sizes.ts';
import { statusCounts } from './status-counts.ts';

/** All kinds of counters. Each has one file: what a move adds, what heads account for, and how it is read. */
const KINDS: readonly CounterKind[] = [
  statusCounts,
  ageCounts,
  failureCounts,
  senderCounts,
  durationCounts,
  sizeCounts,
];

/** Where such a head is counted, by kind; undefined if it is counted only by its status. */
export function countedAs(standing: Standing): Counted | undefined {
  let counted: Record<string, string> | undefined;
  for (const { name, placeOf } of KINDS) {
    const place = placeOf?.(standing);
    if (place !== undefined) counted = { ...counted, [name]: place };
  }
  return counted;
}

/** What a live head accounts for in all counters. */
export function heldBy(head: CountedHead): CounterChange[] {
  return KINDS.flatMap(({ held }) => held?.(head) ?? []);
}

/** What the move of one head adds to counters. */
export function changesOf(move: HeadMove): CounterChange[] {
  const left = move.before ? heldBy(move.before).map(negated) : [];
  const entered = move.after ? heldBy(move.after) : [];
  return [...left, ...entered, ...KINDS.flatMap(({ passed }) => passed?.(move) ?? [])];
}

/** Whether heads account for an attribute of a counter. Other attributes only grow, and no recount can check them. */
export function isHeld(part: string, attribute: string): boolean {
  return KINDS.some((kind) => kind.isHeld?.(part, attribute));
}

/** Several changes summed into one per counter, without those that cancel out. */
export function sumChanges(changes: readonly CounterChange[]): CounterChange[] {
  const byCounter = new Map<string, { readonly name: CounterName; readonly adds: CountDelta[] }>();
  for (const { pk, part, add } of changes) {
    const id = `${part}|${pk}`;
    const known = byCounter.get(id);
    if (known) known.adds.push(add);
    else byCounter.set(id, { name: { pk, part }, adds: [add] });
  }
  const sums = [...byCounter.values()].map(({ name, adds }) => ({ ...name, add: sumDeltas(adds) }));
  return sums.filter(({ add }) => Object.keys(add).length > 0);
}

/** The same, with the opposite sign. */
export function negated({ pk, part, add }: CounterChange): CounterChange {
  const entries = Object.entries(add).map(([attribute, amount]) => [attribute, -amount] as const);
  return { pk, part, add: Object.fromEntries(entries) };
}
