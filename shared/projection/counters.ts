import type { Entity } from '../pipeline/record.ts';
import { isStatus, STATUSES, type Status, UNKNOWN_STATUS } from '../pipeline/status.ts';
import type { KnownSuffixes } from '../pipeline/status-index.ts';

/** The amounts to add to counter attributes, by attribute name. */
export type CountDelta = Readonly<Record<string, number>>;

type CountedStatus = Status | typeof UNKNOWN_STATUS;
const COUNTED_STATUSES: readonly CountedStatus[] = [...STATUSES, UNKNOWN_STATUS];

/** How many of an entity are in each status. */
export type StatusCounts = Record<CountedStatus, number>;

// Built once: each transition needs three, and a newly concatenated name has to be hashed again.
const COUNT_ATTRIBUTES = { file: attributes('file'), manifest: attributes('manifest') };
const ARRIVAL_ATTRIBUTES = { file: attributes('file_arrived'), manifest: attributes('manifest_arrived') };

/** Every attribute that counts, of files and manifests. */
export const COUNT_NAMES: readonly string[] = [
  ...Object.values(COUNT_ATTRIBUTES.file),
  ...Object.values(COUNT_ATTRIBUTES.manifest),
  ...Object.values(ARRIVAL_ATTRIBUTES.file),
  ...Object.values(ARRIVAL_ATTRIBUTES.manifest),
];

/** The counter attribute of a status; unknown statuses share one, so that a counter item cannot grow without limit. */
export function countAttribute(entity: Entity, status: string): string {
  return COUNT_ATTRIBUTES[entity][countedStatus(status)];
}

/** Whether an attribute counts how many are in a status. */
export function isCountAttribute(attribute: string): boolean {
  return HELD_NAMES.has(attribute);
}

const HELD_NAMES = new Set([
  ...Object.values(COUNT_ATTRIBUTES.file),
  ...Object.values(COUNT_ATTRIBUTES.manifest),
]);

/** Counts how often a status was reached: the flow, which never decreases. */
export function arrivalAttribute(entity: Entity, status: string): string {
  return ARRIVAL_ATTRIBUTES[entity][countedStatus(status)];
}

function attributes(start: string): Readonly<Record<CountedStatus, string>> {
  const names = COUNTED_STATUSES.map((status) => [status, `${start}_${status}`]);
  return Object.fromEntries(names) as Record<CountedStatus, string>;
}

function countedStatus(status: string): CountedStatus {
  return isStatus(status) ? status : UNKNOWN_STATUS;
}

/** The sum of several deltas, without what cancels out. */
export function sumDeltas(deltas: readonly CountDelta[]): CountDelta {
  const sum: Record<string, number> = {};
  for (const delta of deltas) {
    for (const [attribute, amount] of Object.entries(delta)) add(sum, attribute, amount);
  }
  return withoutZeros(sum);
}

function add(delta: Record<string, number>, attribute: string, amount: number): void {
  delta[attribute] = (delta[attribute] ?? 0) + amount;
}

function withoutZeros(delta: Record<string, number>): CountDelta {
  if (!Object.values(delta).includes(0)) return delta;
  return Object.fromEntries(Object.entries(delta).filter(([, amount]) => amount !== 0));
}

/** A counter item as stored: its key, count attributes, and when it was last written. */
export interface CounterItem {
  readonly [attribute: string]: unknown;
  /** Stream time of the newest record in the last write, milliseconds since the epoch. */
  readonly as_of?: number;
  /** When the consumer made that write, milliseconds since the epoch. */
  readonly applied_at?: number;
  /** Unusual shard suffixes seen; only an item beside the counters of everything has them. */
  readonly file_suffixes?: ReadonlySet<string>;
  readonly manifest_suffixes?: ReadonlySet<string>;
  readonly more_suffixes?: boolean;
  /** How often it was written: the guard of a merge. Counters of statuses do not have it. */
  readonly w?: number;
  /** How often other slots were merged into it, minus how often it was merged into others; the sum over all slots is 0. */
  readonly merges?: number;
  /** How often other slots were merged into it and removed; only for counters other than those of statuses. */
  readonly merged?: number;
  /** How often a recount corrected the counters; only slot 0 has it. */
  readonly repairs?: number;
  /** How often counts of dates changed in this slot without a change in the sum; only for everything. */
  readonly touched?: number;
  /** Until when a recount keeps the slot closed, in milliseconds since the epoch; only for everything. */
  readonly closed_until?: number;
}

/** Everything that an item counts. */
export function countsOf(item: CounterItem): Record<string, number> {
  const counts = Object.entries(item).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number' && !OWN_ATTRIBUTES.has(entry[0]),
  );
  return Object.fromEntries(counts);
}

// What an item has besides counts.
const OWN_ATTRIBUTES = new Set([
  'w',
  'as_of',
  'applied_at',
  'merges',
  'merged',
  'repairs',
  'touched',
  'closed_until',
  'expires_at',
]);

/** The values of counters, summed over their slots. */
export interface Counters {
  readonly file: StatusCounts;
  readonly manifest: StatusCounts;
  /** How often each status was reached: the flow. */
  readonly arrivals: { readonly file: StatusCounts; readonly manifest: StatusCounts };
  /** The stream time up to which changes are known to be counted; undefined if nothing was counted yet. */
  readonly asOf: number | undefined;
  /** How far the consumer was behind the stream at that write, in milliseconds. */
  readonly lagMillis: number | undefined;
  /** The suffixes where a listing must look; only for everything. */
  readonly suffixes: KnownSuffixes;
  /** How often a recount has corrected them. */
  readonly repairs: number;
}

/** Adds up the slots of one counter. */
export function sumCounters(slots: readonly CounterItem[]): Counters {
  const latest = slots.reduce<CounterItem>((a, b) => ((b.as_of ?? 0) > (a.as_of ?? 0) ? b : a), {});
  const asOf = latest.as_of;
  return {
    file: sumStatuses(slots, (status) => countAttribute('file', status)),
    manifest: sumStatuses(slots, (status) => countAttribute('manifest', status)),
    arrivals: {
      file: sumStatuses(slots, (status) => arrivalAttribute('file', status)),
      manifest: sumStatuses(slots, (status) => arrivalAttribute('manifest', status)),
    },
    asOf,
    lagMillis: asOf === undefined ? undefined : Math.max(0, (latest.applied_at ?? asOf) - asOf),
    suffixes: {
      file: slots.flatMap(({ file_suffixes = [] }) => [...file_suffixes]).sort(),
      manifest: slots.flatMap(({ manifest_suffixes = [] }) => [...manifest_suffixes]).sort(),
      areMore: slots.some(({ more_suffixes = false }) => more_suffixes),
    },
    repairs: slots.reduce((sum, { repairs = 0 }) => sum + repairs, 0),
  };
}

function sumStatuses(slots: readonly CounterItem[], attributeOf: (status: string) => string): StatusCounts {
  const sum = (attribute: string) =>
    slots.reduce((total, slot) => total + (typeof slot[attribute] === 'number' ? slot[attribute] : 0), 0);
  return Object.fromEntries(
    COUNTED_STATUSES.map((status) => [status, sum(attributeOf(status))]),
  ) as StatusCounts;
}
