import pMap from 'p-map';
import { runResumable } from '../flow/resumable.ts';
import { addHeadCounts, countHeadsIn, type HeadCount } from '../projection/held-counters.ts';
import { headPartitions } from '../projection/items.ts';
import { compareCounts } from '../projection/recount.ts';
import { noteDonePart, type ReportId, readReport, saveReport } from '../reports/reports.ts';
import { type AuditDeps, type AuditRun, auditStep, endAudit, repairingAudit } from './audit.ts';
import { type AuditReport, type AuditState, beginAudit, joinStates } from './audit-state.ts';
import { AUDIT_START } from './date-audit.ts';
import type { KeyRange } from './key-ranges.ts';
import { planId, type RangePlan, readPlan } from './range-plan.ts';
import { NO_SUB_FOLDERS } from './sub-folders.ts';

/** The audit of a range so far. It is plain JSON, and saved whole. */
interface RangeState extends AuditState {
  readonly isCompared: boolean;
  /** For how many partitions the heads are counted, and their sum. */
  readonly partitions: number;
  readonly heads: HeadCount;
}

/** What one invocation did; the report is that of the date, set by the range that was finished last. */
export interface RangeRun extends AuditRun {
  readonly isDone: boolean;
}

const KEPT_SECONDS = 7 * 86_400;
// A state is one item. What is left out is found again by the next audit.
const MOST_OUTDATED = 100;
const READS_AT_ONCE = 16;

/**
 * Audits one range of a date, as `runAudit` does a whole date: to the end, or for as long as it may. Besides comparing,
 * it counts the heads of the range. The last range to be finished adds all of them up, and compares the sum with the
 * counters, which must be as they were when the date was cut.
 */
export async function runRange(deps: AuditDeps, index: number): Promise<RangeRun> {
  const { projection, date, signal, mostReadUnits } = deps;
  const plan = await readPlan(projection, date);
  const range = plan?.ranges[index];
  // Called again because the answer was lost: the date is done.
  if (!plan || !range) return { pages: 0, report: undefined, isDone: true };
  const id = stateId(date, index);
  const expiresAt = Math.floor(deps.now / 1_000) + KEPT_SECONDS;
  const save = (state: RangeState) => saveReport(projection, id, state, expiresAt);
  const { steps, result } = await runResumable<RangeState, RangeState>(
    {
      async load() {
        const saved = await readReport<RangeState>(projection, id);
        return saved?.startedAt === plan.startedAt ? saved : undefined;
      },
      begin: () => begin(plan, range),
      step: (before) => rangeStep(deps, range, index, before),
      save,
      async finish(after) {
        await save(after);
        return after;
      },
    },
    { mustStop: () => signal.aborted || deps.readUnits() >= mostReadUnits },
  );
  if (!result) return { pages: steps, report: undefined, isDone: false };
  const done = await noteDonePart(projection, planId(date), index);
  const report = done === plan.ranges.length ? await endDate(deps, plan) : undefined;
  return { pages: steps, report, isDone: true };
}

function begin({ startedAt, folders = NO_SUB_FOLDERS }: RangePlan, { after }: KeyRange): RangeState {
  const cursor = { ...AUDIT_START, after, folders };
  const heads = { held: [], outdated: [] };
  return { ...beginAudit(startedAt), cursor, isCompared: false, partitions: 0, heads };
}

/** Compares a page of the range; then counts its heads, a partition at a time. */
async function rangeStep(deps: AuditDeps, range: KeyRange, index: number, before: RangeState) {
  const { projection, tracking, date } = deps;
  if (!before.isCompared) {
    const part = `${String(index).padStart(4, '0')}-`;
    const audit = { ...repairingAudit(deps), until: range.until };
    const { state, isLast } = await auditStep(deps, audit, before, part);
    return { state: { ...before, ...state, isCompared: isLast }, isLast: false };
  }
  const partitions = headPartitions(date);
  const next = partitions[before.partitions];
  if (!next) return { state: before, isLast: true };
  const counted = await countHeadsIn(projection, date, { pk: next.pk, ...range }, tracking.senderPath);
  const { held, outdated } = addHeadCounts(before.heads, counted);
  const heads = { held, outdated: outdated.slice(0, MOST_OUTDATED) };
  const state = { ...before, partitions: before.partitions + 1, heads };
  return { state, isLast: state.partitions === partitions.length };
}

async function endDate(deps: AuditDeps, plan: RangePlan): Promise<AuditReport> {
  const { projection, date } = deps;
  const states = await pMap(plan.ranges, (_, index) => doneState(deps, plan, index), {
    concurrency: READS_AT_ONCE,
  });
  const heads = states.map((state) => state.heads).reduce(addHeadCounts);
  const counters = await compareCounts(projection, date, heads, plan.counters);
  return endAudit(deps, joinStates(states), counters, planId(date));
}

async function doneState({ projection, date }: AuditDeps, plan: RangePlan, index: number) {
  const state = await readReport<RangeState>(projection, stateId(date, index));
  if (state?.startedAt !== plan.startedAt) throw new Error(`Range ${index} of ${date} has not been audited.`);
  return state;
}

function stateId(date: string, index: number): ReportId {
  return { job: 'consistency-audit', about: `checkpoint#${date}#${String(index).padStart(4, '0')}` };
}
