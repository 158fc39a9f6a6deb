import { applyPlan } from '../changes/apply.ts';
import { whyApproval } from '../changes/approval.ts';
import type { ResultCounts } from '../changes/change.ts';
import { makePlan, newPlanHeader, type PlanEntry } from '../changes/plan.ts';
import { selectFiles } from '../changes/selection.ts';
import { sinceOf } from '../pipeline/record.ts';
import { type KnownSuffixes, nextDateOf } from '../pipeline/status-index.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { readCounters } from '../projection/counter-items.ts';
import { type Acknowledged, readAcknowledged } from '../reports/acknowledged-files.ts';
import type { RetryRule } from '../settings/healing-policy.ts';
import { type ClassDate, readClassDates } from '../statistics/class-details.ts';
import { type FailureSummary, readFailures } from '../statistics/read-failures.ts';
import type { HealDeps } from './deps.ts';
import { type ActivePolicy, isHandful } from './policy.ts';
import { planPath, savePlan } from './saved-plans.ts';

/** What was done for one class of failures. */
export interface Retry {
  readonly class: string;
  readonly text: string;
  /** Files to reset. */
  readonly chosen: number;
  /** Dates of which too large a share is in the class: none of their files was reset. */
  readonly held_dates: readonly string[];
  /** Where the plan is saved, as `s3://…`. */
  readonly plan?: string;
  readonly change_id?: string;
  readonly counts?: ResultCounts;
  readonly unfinished?: true;
  /** The plan is saved, for people to approve and apply. */
  readonly needs_approval?: true;
}

const ORIGIN = 'auto-retry';
const FILES_PER_SECOND = 50;
const CONCURRENCY = 8;
const MINUTE = 60_000;

/**
 * Resets failed files whose class the policy names, each class by a change of its own. The obstacles to any reset hold
 * here too: a file whose name no job can read, or whose input is gone, stays as it is. So does an acknowledged class or
 * file.
 *
 * @param used what this run has already used of `max_changes`, and of what it may apply without approval
 * @returns one for each class that was checked
 */
export async function retryFailed(
  deps: HealDeps,
  policy: ActivePolicy,
  used: { readonly chosen: number; readonly applied: number } = { chosen: 0, applied: 0 },
): Promise<Retry[]> {
  const rules = policy.retry ?? [];
  if (rules.length === 0) return [];
  const { suffixes } = await readCounters(deps.projection, undefined);
  const known = await readAcknowledged(deps);
  const retries: Retry[] = [];
  let left = policy.max_changes - used.chosen;
  let { applied } = used;
  for (const failure of await readFailures(deps.projection, undefined, deps.now)) {
    const rule = failure.failed > 0 ? ruleFor(failure, rules) : undefined;
    if (!rule || known.classes.has(failure.class) || left <= 0 || deps.signal.aborted) continue;
    const retry = await retryClass(deps, policy, { failure, rule, suffixes, known, left, applied });
    retries.push(retry);
    left -= retry.chosen;
    if (retry.change_id !== undefined) applied += retry.chosen;
  }
  return retries;
}

/** The rule that names a class, or words of its text. Pure. */
export function ruleFor(
  { class: id, text }: Pick<FailureSummary, 'class' | 'text'>,
  rules: readonly RetryRule[],
): RetryRule | undefined {
  return rules.find((rule) => rule.class === id || text.toLowerCase().includes(rule.class.toLowerCase()));
}

/**
 * Whether a failed file may be retried now: it was not retried too often, and it failed long enough ago; each retry
 * doubles the wait. A file that failed at an unknown time is never retried. Pure.
 */
export function isDue(
  { attempts, back_off_minutes }: RetryRule,
  record: TrackingRecord,
  now: number,
): boolean {
  const tried = Number(record.reset_count ?? 0);
  if (!(tried < attempts)) return false;
  const since = sinceOf(record, now);
  return since !== undefined && Date.parse(since) <= now - back_off_minutes * MINUTE * 2 ** tried;
}

interface ClassToRetry {
  readonly failure: FailureSummary;
  readonly rule: RetryRule;
  readonly suffixes: KnownSuffixes;
  readonly known: Acknowledged;
  /** How many files may be reset in this run. */
  readonly left: number;
  /** How many files this run has changed already: a change must not avoid approval by being made in parts. */
  readonly applied: number;
}

async function retryClass(deps: HealDeps, policy: ActivePolicy, wanted: ClassToRetry): Promise<Retry> {
  const { failure } = wanted;
  const { open, held } = await datesOf(deps, wanted);
  const entries: PlanEntry[] = [];
  for (const date of open) {
    if (entries.length < wanted.left) entries.push(...(await chooseOf(deps, wanted, date, entries.length)));
  }
  const retry = {
    ...{ class: failure.class, text: failure.text, chosen: entries.length, held_dates: held },
  };
  if (entries.length === 0) return retry;
  const plan = makePlan(newPlanHeader({ table: deps.tracking.name }, ORIGIN, deps.now), entries);
  const sum = { files: wanted.applied + plan.files, forced: plan.forced };
  const isHeld = policy.mode === 'apply' && whyApproval(deps.approval, sum) !== undefined;
  if (policy.mode === 'plan' || isHeld) {
    const saved = await savePlan(deps.plans, planPath(deps.now, failure.class), plan);
    return { ...retry, plan: saved, ...(isHeld && { needs_approval: true as const }) };
  }
  const request = {
    ...deps.request,
    id: deps.newId(),
    reason: `Retried, as the policy says for ${failure.class}: ${failure.text}`,
  };
  const change = await applyPlan(deps, plan, request, {
    maxChanges: entries.length,
    concurrency: CONCURRENCY,
    ratePerSecond: FILES_PER_SECOND,
    signal: deps.signal,
  });
  return {
    ...retry,
    change_id: change.id,
    ...(change.counts && { counts: change.counts }),
    ...(change.state !== 'done' && { unfinished: true as const }),
  };
}

/** The dates of a class, and those of them of which so large a share is in it that it is no passing fault. */
async function datesOf(
  deps: HealDeps,
  wanted: ClassToRetry,
): Promise<{ readonly open: readonly string[]; readonly held: readonly string[] }> {
  const { projection } = deps;
  const { failure, rule } = wanted;
  const { dates, complete } = await readClassDates(projection, failure);
  const open: string[] = [];
  const held: string[] = [];
  for (const { date_prefix, failed } of complete ? dates : await failedDatesOf(deps, wanted)) {
    if (failed === 0) continue;
    const { file } = await readCounters(projection, date_prefix, 'eventual');
    const total = Object.values(file).reduce((sum, count) => sum + count, 0);
    const isTooMuch = !isHandful(failed) && failed > total * rule.max_share;
    (isTooMuch ? held : open).push(date_prefix);
  }
  return { open, held };
}

/**
 * The dates of a class among all dates that have failed files, newest first: names may contain any text of the form of a
 * date, and many of these can come before the dates that are searched for a class.
 */
async function failedDatesOf(
  { tracking, projection, signal }: HealDeps,
  { failure, suffixes }: ClassToRetry,
): Promise<readonly ClassDate[]> {
  const failed = { kind: 'file', status: 'failed', suffixes } as const;
  const dates: ClassDate[] = [];
  let date = await nextDateOf(tracking, failed, {});
  while (date !== undefined && !signal.aborted) {
    dates.push(...(await readClassDates(projection, failure, date)).dates);
    date = await nextDateOf(tracking, failed, { after: date });
  }
  return dates.reverse();
}

async function chooseOf(
  deps: HealDeps,
  { failure, rule, suffixes, known, left }: ClassToRetry,
  date: string,
  chosen: number,
): Promise<PlanEntry[]> {
  const entries: PlanEntry[] = [];
  const selection = {
    ...{ statuses: ['failed'], suffixes, range: { start: date, end: date }, failureClass: failure.class },
    accepts: (record: TrackingRecord) => isDue(rule, record, deps.now),
    mustStop: () => deps.signal.aborted || chosen + entries.length >= left,
  };
  for await (const { entry } of selectFiles(deps, selection, { new_status: 'pending' }, deps.now)) {
    if (await known.ofFile(entry)) continue;
    entries.push({ ...entry, why: `retried: ${failure.class}` });
  }
  return entries;
}
