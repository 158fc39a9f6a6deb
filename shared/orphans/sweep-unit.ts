import type { Deps } from '../aws/deps.ts';
import { runResumable } from '../flow/resumable.ts';
import { readAcknowledged } from '../reports/acknowledged-files.ts';
import { type ReportId, readReport, saveReport } from '../reports/reports.ts';
import { readVerifiedDate, saveVerifiedDate } from '../reports/verified-dates.ts';
import { createCheck } from './check-record.ts';
import { proofKeeper } from './keep-proofs.ts';
import type { AgeRules } from './limits.ts';
import { searchPage } from './search.ts';
import type { SearchCursor, SearchPage } from './search-page.ts';
import { setAcknowledgedApart } from './set-apart.ts';
import type { SweepAgenda, SweepPart } from './sweep-agenda.ts';
import { addPage, type CandidateFilter, NOTHING_FOUND, type SweepState } from './sweep-state.ts';
import { ORPHAN_KINDS } from './verdict.ts';
import { repeatDateCheck } from './verified-dates.ts';

/** What a sweep works on, and how much it may do in this invocation. */
export interface SweepDeps
  extends AgeRules,
    Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'signal'> {
  /** Which files to keep for healing. */
  readonly candidateFilter: CandidateFilter;
  /** How many records to list at a time. */
  readonly pageSize: number;
  /** Read units consumed by this invocation. */
  readUnits(): number;
  readonly mostReadUnits: number;
  /** What the whole sweep may read; unlimited when left out. */
  readonly sweepReadUnits?: number;
}

/** A unit of a sweep so far. It is plain JSON, and saved whole: its numbers always belong to its cursor. */
export interface UnitState {
  /** The id of its sweep. */
  readonly sweep: string;
  /** How many of its parts are done. */
  readonly partsDone: number;
  /** Where the search of the current part continues. */
  readonly cursor?: SearchCursor | undefined;
  readonly found: SweepState;
  readonly isDone: boolean;
  /** Set when it was ended because it had read as much as it may. */
  readonly isCutOff?: boolean;
}

/** What one invocation did for a unit. */
export interface UnitRun {
  readonly pages: number;
  readonly state: UnitState;
}

// A checkpoint costs a few write units; repeating a page costs no more.
const PAGES_PER_CHECKPOINT = 10;
const KEPT_SECONDS = 7 * 86_400;

/**
 * Searches the parts of a unit to the end, or for as long as it may: then the next invocation continues. An invocation
 * that dies leaves its last checkpoint, whose numbers belong to its cursor, so that nothing is counted twice and
 * nothing is left out.
 *
 * @param unitsBefore what this invocation has read that is already counted
 */
export async function sweepUnit(
  deps: SweepDeps,
  agenda: SweepAgenda,
  index: number,
  unitsBefore = 0,
): Promise<UnitRun> {
  const begun = (await readUnit(deps, agenda, index)) ?? beginUnit(agenda);
  if (begun.isDone) return { pages: 0, state: begun };
  const search = await searcher(deps, agenda);
  const { parts, share } = partsOf(agenda, index);
  const most = (deps.sweepReadUnits ?? Number.POSITIVE_INFINITY) * share;
  const { state, steps } = await runResumable<UnitState, void>(
    {
      load: async () => afterInvocation(begun),
      begin: () => begun,
      async step(before) {
        const part = parts[before.partsDone];
        if (!part) return { state: { ...before, isDone: true }, isLast: true };
        const page = await search(part, before.cursor);
        const readUnits = begun.found.readUnits + deps.readUnits() - unitsBefore;
        const found = {
          ...addPage(before.found, page, deps.candidateFilter, {
            isCounted: part.overdue !== undefined,
            now: deps.now,
          }),
          readUnits,
        };
        const after = advance(before, part, page, found);
        const isCutOff = readUnits >= most && after.partsDone < parts.length;
        const isDone = isCutOff || after.partsDone === parts.length;
        return { state: { ...after, isDone, ...(isCutOff && { isCutOff }) }, isLast: isDone };
      },
      save: (after) => saveUnit(deps, index, after),
      finish: (after) => saveUnit(deps, index, after),
    },
    {
      mustStop: () => deps.signal.aborted || deps.readUnits() >= deps.mostReadUnits,
      stepsPerSave: PAGES_PER_CHECKPOINT,
    },
  );
  return { pages: steps, state };
}

function partsOf({ units }: SweepAgenda, index: number) {
  const unit = units[index];
  if (!unit) throw new RangeError(`The sweep has ${units.length} units; there is no unit ${index}.`);
  return unit;
}

function beginUnit({ id }: SweepAgenda): UnitState {
  return { sweep: id, partsDone: 0, found: NOTHING_FOUND, isDone: false };
}

function afterInvocation(state: UnitState): UnitState {
  return { ...state, found: { ...state.found, invocations: state.found.invocations + 1 } };
}

function advance(
  before: UnitState,
  { listing, date }: SweepPart,
  { next }: SearchPage,
  found: SweepState,
): UnitState {
  const goesOn = next?.listing === listing && (date === undefined || next.lastDate !== date);
  if (goesOn) return { ...before, cursor: next, found };
  return { ...before, cursor: undefined, partsDone: before.partsDone + 1, found };
}

/** Searches a page of a part, and stores what it proves; what is acknowledged is set apart. */
async function searcher(deps: SweepDeps, { suffixes }: SweepAgenda) {
  const { projection, now } = deps;
  const search = { ...createCheck(deps), kinds: ORPHAN_KINDS, suffixes };
  const keepProofs = proofKeeper(deps);
  const known = await readAcknowledged(deps);
  return async (part: SweepPart, cursor: SearchCursor | undefined): Promise<SearchPage> => {
    const { date } = part;
    const range = date === undefined ? {} : { start: date, end: date };
    const page = await searchPage({ ...search, range }, cursor ?? (await startOf(deps, part)));
    await keepProofs(page.proofs);
    if (page.verified) await saveVerifiedDate(projection, page.verified, now);
    return setAcknowledgedApart(known, page);
  };
}

async function startOf(
  { projection, now }: SweepDeps,
  { listing, date, overdue, toldOnly }: SweepPart,
): Promise<SearchCursor> {
  if (overdue) return { listing, overdue: [overdue] };
  if (listing !== 'completed' || date === undefined) return { listing };
  const verified = toldOnly && (await readVerifiedDate(projection, date));
  return { listing, ...(verified ? { dateCheck: repeatDateCheck(verified, now) } : { date }) };
}

/** The unit as it was saved; undefined when it has not begun. */
export async function readUnit(
  { projection }: Pick<Deps, 'projection'>,
  { id }: Pick<SweepAgenda, 'id'>,
  index: number,
): Promise<UnitState | undefined> {
  const saved = await readReport<UnitState>(projection, idOf(index));
  return saved?.sweep === id ? saved : undefined;
}

function saveUnit({ projection, now }: SweepDeps, index: number, state: UnitState): Promise<void> {
  return saveReport(projection, idOf(index), state, Math.floor(now / 1_000) + KEPT_SECONDS);
}

function idOf(index: number): ReportId {
  return { job: 'orphan-sweep', about: `unit#${index}` };
}
