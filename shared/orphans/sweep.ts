import type { Deps } from '../aws/deps.ts';
import { runResumable } from '../flow/resumable.ts';
import { incompleteListing } from '../pipeline/status-index.ts';
import { readCounters } from '../projection/counter-items.ts';
import { closeReport, readReport, saveReport } from '../projection/reports.ts';
import { saveVerifiedDate } from '../projection/verified-dates.ts';
import { isoTime } from '../text/time.ts';
import { createCheck } from './check-record.ts';
import { proofKeeper } from './keep-proofs.ts';
import type { AgeRules, Limits } from './limits.ts';
import { searchPage } from './search.ts';
import { SWEEP_REPORT, type SweepReport } from './sweep-report.ts';
import {
  addPage,
  beginSweep,
  type CandidateFilter,
  type SweepState,
  type SweptFiles,
} from './sweep-state.ts';
import { ORPHAN_KINDS } from './verdict.ts';

/** What a sweep works on, and how much it may do in this invocation. */
export interface SweepDeps
  extends AgeRules,
    Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'signal'> {
  /** Which files to keep for whoever would heal them. */
  readonly candidateFilter: CandidateFilter;
  /** How many records to list in one go. */
  readonly pageSize: number;
  /** Read units consumed by this invocation. */
  readUnits(): number;
  readonly mostReadUnits: number;
}

/** What one invocation did. */
export interface SweepRun {
  readonly pages: number;
  readonly readUnits: number;
  /** Set when the sweep came to its end. */
  readonly report: SweepReport | undefined;
  readonly swept: SweptFiles;
}

const CHECKPOINT = { job: 'orphan-sweep', about: 'checkpoint' } as const;
// A checkpoint is a few write units; a page that is done again costs no more than that.
const PAGES_PER_CHECKPOINT = 10;
// What was found longer ago says little of now: then the sweep begins again.
const OLDEST_CHECKPOINT_MILLIS = 24 * 3_600_000;

/**
 * Searches for orphans until the end, or for as long as it may: then the next invocation goes on. An
 * invocation that dies leaves its last checkpoint, whose numbers belong to its cursor, so that nothing is
 * counted twice and nothing is left out.
 */
export async function runSweep(deps: SweepDeps): Promise<SweepRun> {
  const { projection, limits, now, mostReadUnits, signal } = deps;
  const saved = await readReport<SweepState>(projection, CHECKPOINT);
  const begun = saved && isCurrent(saved, limits, now) ? saved : beginSweep(limits, now);
  const { suffixes } = await readCounters(projection, undefined);
  const search = { ...createCheck(deps), kinds: ORPHAN_KINDS, range: {}, suffixes };
  const keepProofs = proofKeeper(deps);
  const { state, steps, result } = await runResumable<SweepState, SweepReport>(
    {
      load: async () => ({ ...begun, invocations: begun.invocations + 1 }),
      begin: () => begun,
      async step(before) {
        const page = await searchPage(search, before.cursor);
        const readUnits = begun.readUnits + deps.readUnits();
        const after = { ...addPage(before, page, deps.candidateFilter), readUnits };
        await keepProofs(page.proofs);
        if (page.verified) await saveVerifiedDate(projection, page.verified, now);
        return { state: after, isLast: page.next === undefined };
      },
      save: (after) => saveReport(projection, CHECKPOINT, after),
      finish: (after) => finish(deps, after, incompleteListing(suffixes)),
    },
    {
      mustStop: () => signal.aborted || deps.readUnits() >= mostReadUnits,
      stepsPerSave: PAGES_PER_CHECKPOINT,
    },
  );
  const { inFlight, affected, candidates } = state;
  return {
    pages: steps,
    readUnits: deps.readUnits(),
    report: result,
    swept: { inFlight, affected, candidates },
  };
}

async function finish(
  { projection, now }: SweepDeps,
  state: SweepState,
  incomplete: string | undefined,
): Promise<SweepReport> {
  const { startedAt, limits, cursor: _, candidates: __, ...results } = state;
  const report = {
    at: isoTime(now),
    startedAt: isoTime(startedAt),
    complete: state.unknown === 0 && !incomplete,
    ...(incomplete && { incomplete }),
    limitHours: limits,
    ...results,
  };
  await closeReport(projection, SWEEP_REPORT, report, CHECKPOINT);
  return report;
}

/** One that an earlier version has left lacks what is counted now, and its cursor may be of another form. */
function isCurrent({ startedAt, limits, unverifiable }: SweepState, wanted: Limits, now: number): boolean {
  const isSame = JSON.stringify(limits) === JSON.stringify(wanted) && unverifiable !== undefined;
  return isSame && now - startedAt < OLDEST_CHECKPOINT_MILLIS;
}
