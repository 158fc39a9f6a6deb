import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { applyPlan } from '../changes/apply.ts';
import { whyApproval } from '../changes/approval.ts';
import type { Change, ResultCounts } from '../changes/change.ts';
import { makePlan, newPlanHeader, type Plan, type PlanEntry } from '../changes/plan.ts';
import type { SweptFiles } from '../orphans/sweep-state.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { readAcknowledged } from '../reports/acknowledged-files.ts';
import { type ReportId, readReport, saveReport } from '../reports/reports.ts';
import { isoTime } from '../text/time.ts';
import type { HealDeps } from './deps.ts';
import { type ActivePolicy, chooseFile, isUnusual } from './policy.ts';
import { type Retry, retryFailed } from './retry.ts';
import { planPath, savePlan } from './saved-plans.ts';

const ORIGIN = 'auto-heal';
const FILES_PER_SECOND = 50;
const CONCURRENCY = 8;

/**
 * Does what the policy says about the files that a sweep found, and stores a report. Each file is checked again in
 * full: what is written follows from what is true now, and is written only if that still holds at that moment.
 *
 * @returns undefined when the policy only reports
 */
export async function heal(deps: HealDeps, swept: SweptFiles): Promise<HealingReport | undefined> {
  const { policy, projection, now } = deps;
  if (policy.mode === 'report') return undefined;
  const about = { at: isoTime(now), mode: policy.mode, inFlight: swept.inFlight, affected: swept.affected };
  const stopped = stoppedBy(swept, policy);
  const report: HealingReport = stopped
    ? { ...about, stopped, chosen: 0 }
    : { ...about, ...(await changeChosen(deps, policy, swept)) };
  await saveReport(projection, HEALING_REPORT, report);
  return report;
}

/** Whether a share is unusual cannot be seen in a part of a sweep. */
function stoppedBy(swept: SweptFiles, policy: ActivePolicy): HealingReport['stopped'] {
  if (swept.isCutOff) return 'sweep_cut_off';
  return isUnusual(swept, policy) ? 'unusual_share' : undefined;
}

/** Both share the number of files that a run may change, and that it may change without approval. */
async function changeChosen(deps: HealDeps, policy: ActivePolicy, swept: SweptFiles) {
  const healed = await healChosen(deps, policy, swept);
  const applied = 'changeId' in healed ? healed.chosen : 0;
  return { ...healed, ...(await retryChosen(deps, policy, { chosen: healed.chosen, applied })) };
}

async function healChosen(deps: HealDeps, policy: ActivePolicy, { candidates }: SweptFiles) {
  if (candidates.length === 0) return { chosen: 0 };
  const known = await readAcknowledged(deps);
  const choose = (key: RecordKey) => chooseFile(deps, policy, key, known);
  const choices = await pMap(candidates, choose, { concurrency: CONCURRENCY });
  const entries = choices.filter((entry) => entry !== undefined);
  const told = { chosen: entries.length };
  if (entries.length === 0) return told;
  const plan = planOf(deps, entries);
  const isHeld = policy.mode === 'apply' && whyApproval(deps.approval, plan) !== undefined;
  if (policy.mode === 'plan' || isHeld) {
    const saved = await savePlan(deps.plans, planPath(deps.now), plan);
    return { ...told, plan: saved, ...(isHeld && { stopped: 'needs_approval' as const }) };
  }
  return { ...told, ...endingOf(await applyChosen(deps, policy, plan)) };
}

/** An unusual sweep stops this too. */
async function retryChosen(deps: HealDeps, policy: ActivePolicy, used: Parameters<typeof retryFailed>[2]) {
  return policy.retry === undefined ? {} : { retries: await retryFailed(deps, policy, used) };
}

function planOf({ tracking, now }: HealDeps, entries: readonly PlanEntry[]): Plan {
  return makePlan(newPlanHeader({ table: tracking.name }, ORIGIN, now), entries);
}

function applyChosen(deps: HealDeps, { max_changes }: ActivePolicy, plan: Plan): Promise<Change> {
  return applyPlan(deps, plan, deps.request, {
    maxChanges: max_changes,
    concurrency: CONCURRENCY,
    ratePerSecond: FILES_PER_SECOND,
    signal: deps.signal,
  });
}

function endingOf({ id, state, counts }: Change) {
  return {
    changeId: id,
    ...(counts && { counts }),
    ...(state !== 'done' && { stopped: 'change_unfinished' as const }),
  };
}

/** The result of healing after the last sweep that ended. */
export interface HealingReport {
  /** UTC, `…Z`. */
  readonly at: string;
  readonly mode: ActivePolicy['mode'];
  /** Files in flight that the sweep checked, and those of them that have a problem. */
  readonly inFlight: number;
  readonly affected: number;
  /**
   * `unusual_share`, `sweep_cut_off`: nothing was changed. `change_unfinished`: it ended early, or some files failed.
   * `needs_approval`:
   * the plan is saved, for people to approve and apply.
   */
  readonly stopped?: 'unusual_share' | 'sweep_cut_off' | 'change_unfinished' | 'needs_approval' | undefined;
  /** Files to change. */
  readonly chosen: number;
  /** Where the plan is saved, as `s3://…`. */
  readonly plan?: string;
  readonly changeId?: string;
  readonly counts?: ResultCounts;
  /** Which failed files were retried, by class; left out where the policy names none. */
  readonly retries?: readonly Retry[];
}

const HEALING_REPORT: ReportId = { job: 'orphan-sweep', about: 'healing' };

/** Undefined when healing was never switched on. */
export function readHealingReport(projection: Table): Promise<HealingReport | undefined> {
  return readReport(projection, HEALING_REPORT);
}
