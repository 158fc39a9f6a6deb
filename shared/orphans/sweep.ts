import { createWitness } from '../pipeline/evidence-loader.ts';
import { readCounters } from '../projection/projection-table.ts';
import { closeReport, readReport, saveReport } from '../projection/reports.ts';
import { isoTime } from '../text/time.ts';
import type { Limits } from './limits.ts';
import { type OrphanSearch, searchPage } from './search.ts';
import {
  addPage,
  beginSweep,
  type ReportedOrphan,
  type SweepState,
  type SweptFiles,
  type Wanted,
} from './sweep-state.ts';
import { ORPHAN_KINDS, type OrphanKind } from './verdict.ts';
import { saveVerification } from './verified-dates.ts';

/** What a sweep works on, and how much it may do in this invocation. */
export interface SweepContext extends Omit<OrphanSearch, 'witness' | 'kinds' | 'range' | 'suffixes'> {
  /** Which files to keep for whoever would mend them. */
  readonly wanted: Wanted;
  /** Read units consumed by this invocation. */
  readUnits(): number;
  readonly mostReadUnits: number;
  /** Aborted when it is time to stop. */
  readonly signal: AbortSignal;
}

/** What a sweep came to. Times are UTC, `…Z`. */
export interface SweepReport {
  /** When it ended. */
  readonly at: string;
  readonly startedAt: string;
  /** False when something could not be looked at. */
  readonly complete: boolean;
  readonly checked: number;
  readonly unknown: number;
  readonly totals: Readonly<Record<OrphanKind, number>>;
  /** Files in flight, and those of them with which something is wrong. */
  readonly inFlight: number;
  readonly affected: number;
  /** The longest that any file had been in its status. */
  readonly oldestHours: SweepState['oldestHours'];
  readonly limitHours: Limits;
  /** The first of each kind. */
  readonly orphans: readonly ReportedOrphan[];
  readonly pages: number;
  readonly readUnits: number;
  readonly invocations: number;
}

/** What one invocation did. */
export interface SweepRun {
  readonly pages: number;
  readonly readUnits: number;
  /** Set when the sweep came to its end. */
  readonly report: SweepReport | undefined;
  readonly swept: SweptFiles;
}

const REPORT = { job: 'orphan-sweep', about: 'last' } as const;
const CHECKPOINT = { job: 'orphan-sweep', about: 'checkpoint' } as const;
// A checkpoint is a few write units; a page that is done again costs no more than that.
const PAGES_PER_CHECKPOINT = 10;
// What was found longer ago says little of now: then the sweep begins anew.
const OLDEST_CHECKPOINT_MILLIS = 24 * 3_600_000;

/**
 * Searches for orphans until the end, or for as long as it may: then the next invocation goes on. An
 * invocation that dies leaves its last checkpoint, whose numbers belong to its position, so that nothing is
 * counted twice and nothing is left out.
 */
export async function runSweep(context: SweepContext): Promise<SweepRun> {
  const { projection, limits, now, mostReadUnits, signal } = context;
  const before = await readReport<SweepState>(projection, CHECKPOINT);
  const begun = before && isCurrent(before, limits, now) ? before : beginSweep(limits, now);
  const { suffixes } = await readCounters(projection, undefined);
  const search = { ...context, witness: createWitness(context), kinds: ORPHAN_KINDS, range: {}, suffixes };
  let state: SweepState = { ...begun, invocations: begun.invocations + 1 };
  const done = ({ pages, inFlight, affected, candidates }: SweepState) => ({
    pages: pages - begun.pages,
    readUnits: context.readUnits(),
    swept: { inFlight, affected, candidates },
  });
  for (;;) {
    const page = await searchPage(search, state.position);
    state = addPage(state, page, context.wanted);
    if (page.verified) {
      await saveVerification(projection, page.verified.date, page.verified.verification, now);
    }
    const saved = { ...state, readUnits: begun.readUnits + context.readUnits() };
    if (!page.next) return { ...done(state), report: await finish(context, saved) };
    const mustStop = signal.aborted || context.readUnits() >= mostReadUnits;
    if (mustStop || state.pages % PAGES_PER_CHECKPOINT === 0) await saveReport(projection, CHECKPOINT, saved);
    if (mustStop) return { ...done(state), report: undefined };
  }
}

/** The report of the last sweep that came to its end. */
export function readSweepReport({
  projection,
}: Pick<SweepContext, 'projection'>): Promise<SweepReport | undefined> {
  return readReport(projection, REPORT);
}

async function finish({ projection, now }: SweepContext, state: SweepState): Promise<SweepReport> {
  const { startedAt, limits, position: _, candidates: __, ...results } = state;
  const report = {
    at: isoTime(now),
    startedAt: isoTime(startedAt),
    complete: state.unknown === 0,
    limitHours: limits,
    ...results,
  };
  await closeReport(projection, REPORT, report, CHECKPOINT);
  return report;
}

function isCurrent({ startedAt, limits }: SweepState, wanted: Limits, now: number): boolean {
  const isSame = JSON.stringify(limits) === JSON.stringify(wanted);
  return isSame && now - startedAt < OLDEST_CHECKPOINT_MILLIS;
}
