import type { Deps } from '../aws/deps.ts';
import { closeReport, readReport, saveReport } from '../reports/reports.ts';
import { grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import type { Limits } from './limits.ts';
import { makeAgenda, type SweepAgenda } from './sweep-agenda.ts';
import { SWEEP_REPORT, type SweepReport } from './sweep-report.ts';
import { addCounted, mergeStates, NOTHING_FOUND, type SweepState, type SweptFiles } from './sweep-state.ts';
import { readUnit, type SweepDeps, sweepUnit, type UnitState } from './sweep-unit.ts';

/** What one invocation did of a whole sweep. */
export interface SweepRun {
  readonly pages: number;
  readonly readUnits: number;
  /** Both are set when the sweep has finished. */
  readonly report: SweepReport | undefined;
  readonly swept: SweptFiles | undefined;
}

/** The result of a sweep, and the files that healing may begin with. */
export interface SweepEnd {
  readonly report: SweepReport;
  readonly swept: SweptFiles;
}

const CHECKPOINT = { job: 'orphan-sweep', about: 'checkpoint' } as const;
// What was found longer ago says little about now. Dates that were verified stay so when a sweep begins again.
const OLDEST_CHECKPOINT_MILLIS = 24 * 3_600_000;

/**
 * Searches for orphans to the end, or for as long as it may: then the next invocation continues.
 *
 * @param id of the sweep if a new one is begun; no other sweep has it
 */
export async function runSweep(deps: SweepDeps, id: string): Promise<SweepRun> {
  const agenda = await beginSweep(deps, id);
  let pages = 0;
  let counted = agenda.id === id ? deps.readUnits() : 0;
  for (const index of agenda.units.keys()) {
    const run = await sweepUnit(deps, agenda, index, counted);
    counted = deps.readUnits();
    pages += run.pages;
    const mustStop = deps.signal.aborted || counted >= deps.mostReadUnits;
    if (!run.state.isDone || (mustStop && index < agenda.units.length - 1))
      return { pages, readUnits: counted, report: undefined, swept: undefined };
  }
  const end = await endSweep(deps, agenda);
  return { pages, readUnits: deps.readUnits(), ...end };
}

/**
 * The agenda of the sweep in progress, or of a new one.
 *
 * @param id of a new one
 */
export async function beginSweep(deps: SweepDeps, id: string): Promise<SweepAgenda> {
  const saved = await readAgenda(deps);
  if (saved && isCurrent(saved, deps.limits, deps.now)) return saved;
  const before = deps.readUnits();
  const agenda = await makeAgenda(deps, id, () => deps.readUnits() - before);
  await saveReport(deps.projection, CHECKPOINT, agenda);
  return agenda;
}

/** The agenda of the sweep in progress; undefined when there is none. */
export async function readAgenda({ projection }: Pick<Deps, 'projection'>): Promise<SweepAgenda | undefined> {
  const saved = await readReport<Partial<SweepAgenda>>(projection, CHECKPOINT);
  // An earlier version may have left another form.
  return saved?.units ? (saved as SweepAgenda) : undefined;
}

/** Sums up what all units have found, as the report of the sweep. @throws when a unit is not done */
export async function endSweep(deps: SweepDeps, agenda: SweepAgenda): Promise<SweepEnd> {
  const units = await Promise.all(
    [...agenda.units.keys()].map(async (index) => doneUnit(await readUnit(deps, agenda, index), index)),
  );
  const states = units.map((unit) => unit.found);
  const found = addCounted(mergeStates(states, deps.candidateFilter), agenda.counted ?? NOTHING_FOUND);
  const isCutOff = units.some((unit) => unit.isCutOff);
  const cutOff = isCutOff
    ? { complete: false, cutOff: true, incomplete: cutOffText(deps), ...notAllSeen(agenda) }
    : {};
  const report = { ...reportOf(deps, agenda, found), ...cutOff };
  await closeReport(deps.projection, SWEEP_REPORT, report, CHECKPOINT);
  const { inFlight, affected, candidates } = found;
  return { report, swept: { inFlight, affected, candidates, isCutOff } };
}

function notAllSeen({ allSeenAt, startedAt }: SweepAgenda): Pick<SweepReport, 'allSeenAt'> {
  return allSeenAt === startedAt ? { allSeenAt: undefined } : {};
}

function doneUnit(unit: UnitState | undefined, index: number): UnitState {
  if (unit?.isDone) return unit;
  throw new Error(`Unit ${index} of the sweep is not done.`);
}

function reportOf(
  { now }: SweepDeps,
  { startedAt, limits, unverifiable, readUnits, incomplete, allSeenAt }: SweepAgenda,
  { candidates: _, ...found }: SweepState,
): SweepReport {
  return {
    at: isoTime(now),
    startedAt: isoTime(startedAt),
    complete: found.unknown === 0 && !incomplete,
    ...(incomplete && { incomplete }),
    limitHours: limits,
    ...(allSeenAt !== undefined && { allSeenAt: isoTime(allSeenAt) }),
    ...found,
    unverifiable: found.unverifiable + unverifiable,
    readUnits: found.readUnits + readUnits,
  };
}

function cutOffText({ sweepReadUnits = 0 }: SweepDeps): string {
  return (
    `The sweep was stopped early: it may read ${grouped(sweepReadUnits)} units (sweep_read_units in ` +
    'settings.ENV.json), and was about to read more. What it verified stays verified, and the next sweep does the rest ' +
    'within the same limit. Raise the limit if this happens again.'
  );
}

function isCurrent({ startedAt, limits }: SweepAgenda, wanted: Limits, now: number): boolean {
  return JSON.stringify(limits) === JSON.stringify(wanted) && now - startedAt < OLDEST_CHECKPOINT_MILLIS;
}
