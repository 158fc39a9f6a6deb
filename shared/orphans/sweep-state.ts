import { isInFlight } from '../pipeline/status.ts';
import { keyOf, type RecordKey } from '../pipeline/tracking-table.ts';
import { mergeUnknownAges, NO_UNKNOWN_AGES, type UnknownAges } from '../pipeline/unknown-ages.ts';
import { isoTime } from '../text/time.ts';
import type { Limits } from './limits.ts';
import type { SearchPage } from './search-page.ts';
import { ORPHAN_KINDS, type OrphanKind, type Verdict } from './verdict.ts';

/** What a sweep found among the files that should move by themselves. */
export interface SweptFiles {
  /**
   * Files that are pending, manifested or processing, and those of them that have a problem, acknowledged or not: a
   * known problem is still a problem.
   */
  readonly inFlight: number;
  readonly affected: number;
  /** The first candidates. */
  readonly candidates: readonly RecordKey[];
  /** Whether the sweep was ended early: more files may be affected. */
  readonly isCutOff?: boolean;
}

/** What the counters say about files in flight, of which only the overdue ones are checked. */
export type CountedFiles = Pick<SweepState, 'inFlight' | 'oldestHours'>;

/** Which files a sweep keeps for healing. */
export interface CandidateFilter {
  readonly most: number;
  accepts(verdict: Verdict): boolean;
}

export const NO_CANDIDATES: CandidateFilter = { most: 0, accepts: () => false };

/** What a unit of a sweep has found so far. It is plain JSON. */
export interface SweepState extends SweptFiles {
  readonly checked: number;
  readonly unknown: number;
  /** Completed files with expired evidence: no orphans, and no reason to check again. */
  readonly unverifiable: number;
  readonly totals: Readonly<Record<OrphanKind, number>>;
  /** Acknowledged orphans, in none of the totals; absent in the state of versions that had no acknowledgements. */
  readonly acknowledged?: number;
  /** Records of unknown age, which were left out; absent in the reports of versions that did not count them. */
  readonly ageUnknown?: UnknownAges;
  readonly oldestHours: Readonly<Partial<Record<keyof Limits, number>>>;
  /** The first orphans of each kind. */
  readonly orphans: readonly ReportedOrphan[];
  readonly pages: number;
  readonly readUnits: number;
  readonly invocations: number;
}

/** A verdict in a report, which has no room for evidence: that is loaded again on request. */
export interface ReportedOrphan extends Omit<Verdict, 'evidence'> {
  /** When it was found: a sweep takes time, and may continue an interrupted one. Older versions did not store it. */
  readonly foundAt?: string;
}

const MOST_OF_A_KIND = 20;
// Files of one manifest have the same ones, which are long.
const MOST_WITH_COMMANDS = 5;
// An item holds 400 KB, and the orphans above may need half of it.
const MOST_CANDIDATE_BYTES = 150_000;
const NO_ORPHANS = Object.fromEntries(ORPHAN_KINDS.map((kind) => [kind, 0])) as Record<OrphanKind, number>;

export const NOTHING_FOUND: SweepState = {
  checked: 0,
  unknown: 0,
  unverifiable: 0,
  totals: NO_ORPHANS,
  acknowledged: 0,
  ageUnknown: NO_UNKNOWN_AGES,
  oldestHours: {},
  orphans: [],
  inFlight: 0,
  affected: 0,
  candidates: [],
  pages: 0,
  readUnits: 0,
  invocations: 0,
};

/** What adding a page also depends on. */
interface PageContext {
  /** Whether files in flight are known from the counters, so that listed ones are not counted. */
  readonly isCounted?: boolean;
  /** When the page was searched, in milliseconds since the epoch. */
  readonly now: number;
}

/**
 * The state after one more page.
 */
export function addPage(
  state: SweepState,
  page: SearchPage,
  filter: CandidateFilter,
  { isCounted = false, now }: PageContext,
): SweepState {
  const totals = { ...state.totals };
  const orphans = [...state.orphans];
  for (const { evidence: _, commands, ...verdict } of page.verdicts) {
    totals[verdict.kind] += 1;
    const place = totals[verdict.kind];
    const shown = commands && place <= MOST_WITH_COMMANDS ? { ...verdict, commands } : verdict;
    if (place <= MOST_OF_A_KIND) orphans.push({ ...shown, foundAt: isoTime(now) });
  }
  return {
    ...state,
    checked: state.checked + page.checked,
    unknown: state.unknown + page.unknown,
    unverifiable: state.unverifiable + page.unverifiable,
    totals,
    acknowledged: (state.acknowledged ?? 0) + (page.acknowledged?.length ?? 0),
    orphans,
    ageUnknown: mergeUnknownAges(state.ageUnknown ?? NO_UNKNOWN_AGES, page.ageUnknown),
    oldestHours: withOldest(state.oldestHours, page),
    ...addSwept(state, page, filter, isCounted),
    pages: state.pages + 1,
  };
}

function addSwept(
  before: SweptFiles,
  { listing, checked, verdicts, acknowledged = [] }: SearchPage,
  filter: CandidateFilter,
  isCounted: boolean,
): SweptFiles {
  const { inFlight, affected } = before;
  if (!isInFlight(listing)) return { inFlight, affected, candidates: before.candidates };
  const candidates = [...before.candidates];
  let bytes = Buffer.byteLength(JSON.stringify(candidates));
  for (const verdict of verdicts) {
    const isFull = candidates.length >= filter.most || bytes > MOST_CANDIDATE_BYTES;
    if (isFull || !filter.accepts(verdict)) continue;
    candidates.push(keyOf(verdict));
    bytes += Buffer.byteLength(verdict.date_prefix + verdict.file_key);
  }
  return {
    inFlight: inFlight + (isCounted ? 0 : checked),
    affected: affected + verdicts.length + acknowledged.length,
    candidates,
  };
}

/** What all units of a sweep have found, as if one had. Pure. */
export function mergeStates(states: readonly SweepState[], filter: CandidateFilter): SweepState {
  const sum = (of: (state: SweepState) => number) => states.reduce((total, state) => total + of(state), 0);
  const totals = ORPHAN_KINDS.map((kind) => [kind, sum((state) => state.totals[kind])]);
  return {
    checked: sum(({ checked }) => checked),
    unknown: sum(({ unknown }) => unknown),
    unverifiable: sum(({ unverifiable }) => unverifiable),
    totals: Object.fromEntries(totals) as SweepState['totals'],
    acknowledged: sum(({ acknowledged = 0 }) => acknowledged),
    ageUnknown: states.reduce<UnknownAges>(
      (all, { ageUnknown = NO_UNKNOWN_AGES }) => mergeUnknownAges(all, ageUnknown),
      NO_UNKNOWN_AGES,
    ),
    oldestHours: states.reduce<SweepState['oldestHours']>(
      (all, { oldestHours }) => oldestOf(all, oldestHours),
      {},
    ),
    orphans: firstOfEachKind(states),
    inFlight: sum(({ inFlight }) => inFlight),
    affected: sum(({ affected }) => affected),
    candidates: states.flatMap(({ candidates }) => candidates).slice(0, filter.most),
    pages: sum(({ pages }) => pages),
    readUnits: sum(({ readUnits }) => readUnits),
    invocations: sum(({ invocations }) => invocations),
  };
}

/** The state with what only the counters know. Pure. */
export function addCounted(state: SweepState, { inFlight, oldestHours }: CountedFiles): SweepState {
  return {
    ...state,
    inFlight: state.inFlight + inFlight,
    oldestHours: oldestOf(state.oldestHours, oldestHours),
  };
}

function oldestOf(a: SweepState['oldestHours'], b: SweepState['oldestHours']): SweepState['oldestHours'] {
  const longest = Object.entries(b).map(([status, hours]) => [
    status,
    Math.max(hours, a[status as keyof Limits] ?? 0),
  ]);
  return { ...a, ...Object.fromEntries(longest) };
}

/** As many of each kind as a report has room for. */
function firstOfEachKind(states: readonly SweepState[]): ReportedOrphan[] {
  const places = new Map<OrphanKind, number>();
  return states
    .flatMap(({ orphans }) => orphans)
    .flatMap(({ commands, ...orphan }) => {
      const place = (places.get(orphan.kind) ?? 0) + 1;
      places.set(orphan.kind, place);
      if (place > MOST_OF_A_KIND) return [];
      return [{ ...orphan, ...(commands && place <= MOST_WITH_COMMANDS && { commands }) }];
    });
}

function withOldest(before: SweepState['oldestHours'], { listing, oldestHours }: SearchPage) {
  if (oldestHours === undefined) return before;
  if (!isInFlight(listing)) return before;
  return { ...before, [listing]: Math.max(before[listing] ?? 0, oldestHours) };
}
