import { createHash } from 'node:crypto';
import { parseStatus } from '../pipeline/status.ts';
import type { PlanEntry } from './plan.ts';

/** A plan in numbers and examples, whose size does not grow with the plan. */
export interface PlanTally {
  readonly groups: readonly PlanGroup[];
  readonly samples: readonly PlanSample[];
  /** Files that were found, and are not reset because of an obstacle, by obstacle. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Files that were named and cannot be planned for, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Files that already are as requested. */
  readonly unchanged: number;
  /** Files that were left out because their age is unknown. */
  readonly ageUnknown: number;
  readonly forced: number;
}

/** How many files take the same step on the same date. */
export interface PlanGroup {
  /** Empty for those of further dates and steps. */
  readonly date_prefix: string;
  readonly from: string;
  readonly to: string;
  readonly files: number;
}

/** One of the files. */
export interface PlanSample {
  readonly date_prefix: string;
  readonly file_key: string;
  readonly from: string;
  readonly to: string;
  readonly why: string;
}

export const NO_TALLY: PlanTally = {
  groups: [],
  samples: [],
  leftOut: {},
  refused: {},
  unchanged: 0,
  ageUnknown: 0,
  forced: 0,
};

const MOST_GROUPS = 200;
const MOST_SAMPLES = 20;

/** A tally with more entries. Pure. */
export function addEntries(tally: PlanTally, entries: readonly PlanEntry[]): PlanTally {
  return {
    ...tally,
    groups: grouped(tally.groups, entries),
    samples: sampled([...tally.samples, ...entries.map(sampleOf)]),
    forced: tally.forced + entries.filter(({ forced }) => forced).length,
  };
}

/** One more of a kind. Pure. */
export function addOne(counts: Readonly<Record<string, number>>, name: string): Record<string, number> {
  return { ...counts, [name]: (counts[name] ?? 0) + 1 };
}

function grouped(groups: readonly PlanGroup[], entries: readonly PlanEntry[]): PlanGroup[] {
  const all = new Map(groups.map((group) => [nameOf(group), group]));
  for (const entry of entries) {
    const { date_prefix, from, to } = sampleOf(entry);
    const own = { date_prefix, from, to };
    const isKnown = all.has(nameOf(own)) || all.size < MOST_GROUPS;
    const group = isKnown ? own : { date_prefix: '', from: '', to: '' };
    all.set(nameOf(group), { ...group, files: (all.get(nameOf(group))?.files ?? 0) + 1 });
  }
  return [...all.values()];
}

function nameOf({ date_prefix, from, to }: Omit<PlanGroup, 'files'>): string {
  return JSON.stringify([date_prefix, from, to]);
}

/** Those with the lowest digests: spread over all files, and the same ones each time. */
function sampled(samples: readonly PlanSample[]): PlanSample[] {
  if (samples.length <= MOST_SAMPLES) return [...samples];
  const drawn = samples.map((sample) => ({ sample, rank: rankOf(sample) }));
  drawn.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return drawn.slice(0, MOST_SAMPLES).map(({ sample }) => sample);
}

function rankOf({ date_prefix, file_key }: PlanSample): string {
  return createHash('sha256').update(`${date_prefix}\n${file_key}`).digest('hex');
}

function sampleOf({ date_prefix, file_key, expected, new_status, why }: PlanEntry): PlanSample {
  return { date_prefix, file_key, from: parseStatus(expected.status).status, to: new_status, why };
}
