import pMap from 'p-map';
import { applyPlan } from '../changes/apply-plan.ts';
import type { Change } from '../changes/change.ts';
import type { ChangeContext, Order } from '../changes/context.ts';
import { makePlan, newPlanHeader, type Plan, type PlanEntry } from '../changes/plan.ts';
import type { Check } from '../checks/check-record.ts';
import { saveReport } from '../checks/report-table.ts';
import type { SweptFiles } from '../checks/sweep-state.ts';
import { isoTime } from '../files/time.ts';
import type { RecordKey } from '../files/tracking-table.ts';
import { chooseFile, isUnusual } from './choose.ts';
import { HEALING_REPORT, type HealingReport } from './healing-report.ts';
import type { ActivePolicy, HealingPolicy } from './policy.ts';
import { type PlanFolder, savePlan } from './save-plan.ts';

/** What healing works on. */
export interface HealContext extends Check, ChangeContext {
  readonly policy: HealingPolicy;
  /** Under whose name, why, and with which id a change is made. */
  readonly order: Order;
  /** Where plans are kept. */
  readonly plans: PlanFolder;
  /** Aborted when it is time to stop. */
  readonly signal: AbortSignal;
}

const ORIGIN = 'auto-heal';
const FILES_PER_SECOND = 50;
const CONCURRENCY = 8;

/**
 * Does what the policy says about the files that a sweep found, and keeps a report of it. Each is looked at
 * anew, whole: what is written follows from what is true now, and only if it still is when it is written.
 *
 * @returns undefined when the policy is to report only
 */
export async function heal(context: HealContext, swept: SweptFiles): Promise<HealingReport | undefined> {
  const { policy, projection, now } = context;
  if (policy.mode === 'report') return undefined;
  const about = { at: isoTime(now), mode: policy.mode, inFlight: swept.inFlight, affected: swept.affected };
  const report: HealingReport = isUnusual(swept, policy)
    ? { ...about, stopped: 'unusual_share', chosen: 0 }
    : { ...about, ...(await healChosen(context, policy, swept)) };
  await saveReport(projection, HEALING_REPORT, report);
  return report;
}

async function healChosen(context: HealContext, policy: ActivePolicy, { candidates }: SweptFiles) {
  const choose = (key: RecordKey) => chooseFile(context, policy, key);
  const choices = await pMap(candidates, choose, { concurrency: CONCURRENCY });
  const entries = choices.filter((entry) => entry !== undefined);
  const told = { chosen: entries.length };
  if (entries.length === 0) return told;
  const plan = planOf(context, entries);
  if (policy.mode === 'plan') return { ...told, plan: await savePlan(context.plans, plan) };
  return { ...told, ...endingOf(await applyChosen(context, policy, plan)) };
}

function planOf({ tracking, now }: HealContext, entries: readonly PlanEntry[]): Plan {
  return makePlan(newPlanHeader({ table: tracking.name }, ORIGIN, now), entries);
}

function applyChosen(context: HealContext, { max_changes }: ActivePolicy, plan: Plan): Promise<Change> {
  return applyPlan(context, plan, context.order, {
    maxChanges: max_changes,
    concurrency: CONCURRENCY,
    ratePerSecond: FILES_PER_SECOND,
    signal: context.signal,
  });
}

function endingOf({ id, state, counts }: Change) {
  return {
    changeId: id,
    ...(counts && { counts }),
    ...(state !== 'done' && { stopped: 'change_unfinished' as const }),
  };
}
