import type { Limits } from './limits.ts';
import { SEARCH_START } from './orphan-search.ts';
import type { SearchPage, SearchPosition } from './search-page.ts';
import { ORPHAN_KINDS, type OrphanKind, type Verdict } from './verdict.ts';

/** A sweep so far. It is plain JSON, and saved whole: its numbers always belong to its position. */
export interface SweepState {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly limits: Limits;
  readonly position: SearchPosition;
  readonly checked: number;
  readonly unknown: number;
  readonly totals: Readonly<Record<OrphanKind, number>>;
  readonly oldestHours: Readonly<Partial<Record<keyof Limits, number>>>;
  /** The first orphans of each kind. */
  readonly orphans: readonly ReportedOrphan[];
  readonly pages: number;
  readonly readUnits: number;
  readonly invocations: number;
}

/** A verdict in a report, which has no room for evidence: that is gathered anew by whoever asks. */
export type ReportedOrphan = Omit<Verdict, 'evidence'>;

const MOST_OF_A_KIND = 20;
const NO_ORPHANS = Object.fromEntries(ORPHAN_KINDS.map((kind) => [kind, 0])) as Record<OrphanKind, number>;

export function beginSweep(limits: Limits, now: number): SweepState {
  return {
    startedAt: now,
    limits,
    position: SEARCH_START,
    checked: 0,
    unknown: 0,
    totals: NO_ORPHANS,
    oldestHours: {},
    orphans: [],
    pages: 0,
    readUnits: 0,
    invocations: 0,
  };
}

/** The state after one more page. */
export function addPage(state: SweepState, page: SearchPage): SweepState {
  const totals = { ...state.totals };
  const orphans = [...state.orphans];
  for (const { evidence: _, ...verdict } of page.verdicts) {
    totals[verdict.kind] += 1;
    if (totals[verdict.kind] <= MOST_OF_A_KIND) orphans.push(verdict);
  }
  return {
    ...state,
    position: page.next ?? state.position,
    checked: state.checked + page.checked,
    unknown: state.unknown + page.unknown,
    totals,
    orphans,
    oldestHours: withOldest(state.oldestHours, page),
    pages: state.pages + 1,
  };
}

function withOldest(before: SweepState['oldestHours'], { stage, oldestHours }: SearchPage) {
  if (oldestHours === undefined) return before;
  if (stage !== 'pending' && stage !== 'manifested' && stage !== 'processing') return before;
  return { ...before, [stage]: Math.max(before[stage] ?? 0, oldestHours) };
}
