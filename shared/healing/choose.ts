import type { PlanEntry } from '../changes/plan.ts';
import { planFile } from '../changes/plan-entry.ts';
import { CHANGE_FOR } from '../checks/causes.ts';
import { type Check, judge } from '../checks/check-record.ts';
import { STATUS_AFTER } from '../checks/recommended-status.ts';
import { NOTHING_WANTED, type SweptFiles, type Wanted } from '../checks/sweep-state.ts';
import type { Verdict } from '../checks/verdict.ts';
import { isUsualTransition } from '../files/lifecycle.ts';
import { type RecordKey, readRecord, type TrackingRecord } from '../files/tracking-table.ts';
import type { ActivePolicy, HealingPolicy } from './policy.ts';

// Of a handful of files any number may be stuck without anything unusual going on.
const HANDFUL = 10;
const LONGEST_WHY = 500;

/** Whether so much is wrong that it is not the files: then nothing should be changed by itself. Pure. */
export function isUnusual({ affected, inFlight }: SweptFiles, { max_share }: ActivePolicy): boolean {
  return affected > HANDFUL && affected > inFlight * max_share;
}

/** What a sweep should keep for healing. */
export function wantedBy(policy: HealingPolicy): Wanted {
  if (policy.mode === 'report') return NOTHING_WANTED;
  return { most: policy.max_changes, accepts: (verdict) => isHealable(policy, verdict) };
}

/**
 * Looks at a file once more, at its record and at all that speaks for or against a change.
 *
 * @returns undefined when it has moved on, or nothing is sure enough
 */
export async function chooseFile(
  check: Check,
  policy: ActivePolicy,
  key: RecordKey,
): Promise<PlanEntry | undefined> {
  const record = await readRecord(check.tracking, key);
  if (!record) return undefined;
  const verdict = await judge(check, record);
  return verdict && verdict !== 'unknown' ? chooseChange(policy, record, verdict) : undefined;
}

/**
 * Only a chosen cause, and only by the change that the cause itself calls for: not when something speaks
 * against it, nor when the file was tried as often as is allowed, for then the verdict says quarantine. And
 * never by a transition that a person would have to insist on.
 */
function isHealable({ causes }: ActivePolicy, { cause, change, status }: Verdict): boolean {
  if (!causes.includes(cause) || change === 'none' || change !== CHANGE_FOR[cause]) return false;
  return isUsualTransition(status, STATUS_AFTER[change]);
}

function chooseChange(policy: ActivePolicy, record: TrackingRecord, verdict: Verdict): PlanEntry | undefined {
  const { change, summary } = verdict;
  if (change === 'none' || !isHealable(policy, verdict)) return undefined;
  const { date_prefix, file_key } = record;
  const why = summary.slice(0, LONGEST_WHY);
  const planned = planFile({ date_prefix, file_key, new_status: STATUS_AFTER[change], why }, record);
  return planned.kind === 'planned' ? planned.entry : undefined;
}
