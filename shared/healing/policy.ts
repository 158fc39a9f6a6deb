import * as z from 'zod';
import type { PlanEntry } from '../changes/plan.ts';
import { planFile } from '../changes/plan-entry.ts';
import { type Check, verdictOf } from '../orphans/check-record.ts';
import { type CandidateFilter, NO_CANDIDATES, type SweptFiles } from '../orphans/sweep-state.ts';
import { CHANGE_FOR, STATUS_AFTER, type Verdict } from '../orphans/verdict.ts';
import { isAllowedTransition } from '../pipeline/lifecycle.ts';
import {
  keyOf,
  type RawAttributes,
  type RecordKey,
  readRawRecord,
  recordOf,
} from '../pipeline/tracking-table.ts';
import type { Acknowledged } from '../reports/acknowledged-files.ts';
import { type HealingPolicy, healingPolicy, REPORT_ONLY } from '../settings/healing-policy.ts';
import { cutTo } from '../text/visible-text.ts';

export type ActivePolicy = Exclude<HealingPolicy, { mode: 'report' }>;

/** @throws Error naming what is wrong with the text, and what is allowed */
export function readHealingPolicy(text: string): HealingPolicy {
  const { data, error } = healingPolicy.safeParse(parseJson(text));
  if (data) return data;
  const example = JSON.stringify({ mode: 'plan', causes: ['updater_missed'] });
  throw new Error(
    `The healing policy cannot be used: received ${text}. ${z.prettifyError(error)}\nAllowed: ${JSON.stringify(REPORT_ONLY)}, or for example ${example}.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// If only a handful of files is stuck, nothing unusual is going on, whatever their share.
const HANDFUL = 10;
const LONGEST_WHY = 500;

/** Whether so many files have a problem that the files are not its cause: then nothing may be healed. Pure. */
export function isUnusual({ affected, inFlight }: SweptFiles, { max_share }: ActivePolicy): boolean {
  return !isHandful(affected) && affected > inFlight * max_share;
}

/** So few that their share does not matter. */
export function isHandful(files: number): boolean {
  return files <= HANDFUL;
}

/** What a sweep should keep for healing. */
export function candidateFilterOf(policy: HealingPolicy): CandidateFilter {
  if (policy.mode === 'report') return NO_CANDIDATES;
  return { most: policy.max_changes, accepts: (verdict) => isHealable(policy, verdict) };
}

/**
 * Checks a file once more: its record, and everything that speaks for or against a change.
 *
 * @returns undefined when it has moved on, nothing is certain enough, or somebody has acknowledged it
 */
export async function chooseFile(
  check: Check,
  policy: ActivePolicy,
  key: RecordKey,
  known: Acknowledged,
): Promise<PlanEntry | undefined> {
  const record = await readRawRecord(check.tracking, key);
  if (!record) return undefined;
  const verdict = await verdictOf(check, recordOf(record));
  if (typeof verdict !== 'object' || (await known.ofFile(key, verdict.kind))) return undefined;
  return chooseChange(policy, record, verdict);
}

/**
 * Only a chosen cause, and only the change that the cause itself calls for: not if something speaks against it, nor if
 * the file was retried as often as allowed, since the verdict then says quarantine. And never a transition that needs
 * force, nor while its execution may still run.
 */
function isHealable({ causes }: ActivePolicy, { cause, change, status, needs_force }: Verdict): boolean {
  if (needs_force) return false;
  if (!causes.some((chosen) => chosen === cause) || change === 'none' || change !== CHANGE_FOR[cause])
    return false;
  return isAllowedTransition(status, STATUS_AFTER[change]);
}

function chooseChange(policy: ActivePolicy, record: RawAttributes, verdict: Verdict): PlanEntry | undefined {
  const { change, summary } = verdict;
  if (change === 'none' || !isHealable(policy, verdict)) return undefined;
  const why = cutTo(summary, LONGEST_WHY);
  const planned = planFile({ ...keyOf(recordOf(record)), new_status: STATUS_AFTER[change], why }, record);
  return planned.kind === 'planned' ? planned.entry : undefined;
}
