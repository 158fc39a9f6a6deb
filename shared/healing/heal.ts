import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { runsFolder } from '../aws/deployment-names.ts';
import type { Deps, Table } from '../aws/deps.ts';
import { applyPlan } from '../changes/apply.ts';
import type { Change, ResultCounts } from '../changes/change.ts';
import type { ChangeRequest } from '../changes/context.ts';
import { makePlan, newPlanHeader, type Plan, type PlanEntry } from '../changes/plan.ts';
import { planLines } from '../changes/saved-plan.ts';
import type { Check } from '../orphans/check-record.ts';
import type { SweptFiles } from '../orphans/sweep-state.ts';
import { uriOf } from '../pipeline/storage.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { type ReportId, readReport, saveReport } from '../projection/reports.ts';
import type { HealingPolicy } from '../settings/healing-policy.ts';
import { isoTime } from '../text/time.ts';
import { type ActivePolicy, chooseFile, isUnusual } from './policy.ts';

/** What healing works on. */
export interface HealDeps extends Check, Pick<Deps, 'projection' | 'sleep' | 'signal'> {
  readonly policy: HealingPolicy;
  /** Under whose name, why, and with which id a change is made. */
  readonly request: ChangeRequest;
  /** Where plans are kept. */
  readonly plans: PlanFolder;
}

const ORIGIN = 'auto-heal';
const FILES_PER_SECOND = 50;
const CONCURRENCY = 8;

/**
 * Does what the policy says about the files that a sweep found, and keeps a report of it. Each is looked at
 * again, whole: what is written follows from what is true now, and only if it still is when it is written.
 *
 * @returns undefined when the policy is to report only
 */
export async function heal(deps: HealDeps, swept: SweptFiles): Promise<HealingReport | undefined> {
  const { policy, projection, now } = deps;
  if (policy.mode === 'report') return undefined;
  const about = { at: isoTime(now), mode: policy.mode, inFlight: swept.inFlight, affected: swept.affected };
  const report: HealingReport = isUnusual(swept, policy)
    ? { ...about, stopped: 'unusual_share', chosen: 0 }
    : { ...about, ...(await healChosen(deps, policy, swept)) };
  await saveReport(projection, HEALING_REPORT, report);
  return report;
}

async function healChosen(deps: HealDeps, policy: ActivePolicy, { candidates }: SweptFiles) {
  const choose = (key: RecordKey) => chooseFile(deps, policy, key);
  const choices = await pMap(candidates, choose, { concurrency: CONCURRENCY });
  const entries = choices.filter((entry) => entry !== undefined);
  const told = { chosen: entries.length };
  if (entries.length === 0) return told;
  const plan = planOf(deps, entries);
  if (policy.mode === 'plan') return { ...told, plan: await savePlan(deps.plans, plan) };
  return { ...told, ...endingOf(await applyChosen(deps, policy, plan)) };
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

/** Where plans are kept until they are applied or out of date. */
export interface PlanFolder {
  readonly s3: S3Client;
  readonly bucket: string;
}

const PREFIX = runsFolder('orphan-sweep');

/** @returns where it lies, as runbooks take it with `--plan` */
async function savePlan({ s3, bucket }: PlanFolder, plan: Plan): Promise<string> {
  const key = `${PREFIX}${plan.header.created_at}.plan.ndjson`;
  const lines: string[] = [];
  for await (const line of planLines(plan.header, plan.entries())) lines.push(line);
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      ContentType: 'application/x-ndjson',
      Body: lines.join(''),
    }),
  );
  return uriOf({ bucket, key });
}

/** What healing came to after the last sweep that ended. */
export interface HealingReport {
  /** UTC, `…Z`. */
  readonly at: string;
  readonly mode: ActivePolicy['mode'];
  /** Files in flight that the sweep looked at, and those of them with which something is wrong. */
  readonly inFlight: number;
  readonly affected: number;
  /** `unusual_share`: nothing was changed. `change_unfinished`: it ended early, or some files failed. */
  readonly stopped?: 'unusual_share' | 'change_unfinished';
  /** Files that are to be changed. */
  readonly chosen: number;
  /** Where the plan is kept, as `s3://…`. */
  readonly plan?: string;
  readonly changeId?: string;
  readonly counts?: ResultCounts;
}

const HEALING_REPORT: ReportId = { job: 'orphan-sweep', about: 'healing' };

/** Undefined when nothing was ever to be healed. */
export function readHealingReport(projection: Table): Promise<HealingReport | undefined> {
  return readReport(projection, HEALING_REPORT);
}
