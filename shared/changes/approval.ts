import { countOf, grouped } from '../text/number-text.ts';
import { Refused } from '../text/refused.ts';
import { commandText } from '../text/shell-text.ts';
import { durationText } from '../text/time-text.ts';
import type { ApprovalRule } from './approval-rule.ts';
import { type Approval, listApprovals } from './approval-table.ts';
import { type Actor, OPERATING_SYSTEM } from './change.ts';
import type { ChangeDeps } from './context.ts';
import type { Plan } from './plan.ts';

/** What an approval is checked against. */
export interface ApprovalRequest {
  /** Who made the plan, where that is known. */
  readonly planner?: Actor | undefined;
  /** Who applies it. */
  readonly applier: Actor;
  /** What names the plan to a command, from `planWords`; undefined where it was not saved. */
  readonly planWords?: readonly string[] | undefined;
}

/** The parts of a plan that decide whether it needs approval. */
type Weighed = Pick<Plan, 'files' | 'forced'>;

/**
 * The approvals that let a plan be applied; none where it needs none.
 *
 * @throws Refused when it needs one and has none that counts, by somebody who neither made the plan nor applies it; or
 *   when it is unknown who applies it
 */
export async function requireApproval(
  deps: Pick<ChangeDeps, 'projection' | 'tracking' | 'approval' | 'now'>,
  plan: Pick<Plan, 'files' | 'forced' | 'digest'>,
  request: ApprovalRequest,
): Promise<readonly Approval[]> {
  const { approval: rule, tracking, projection, now } = deps;
  const why = whyApproval(rule, plan);
  if (!rule || why === undefined) return [];
  if (request.applier.source === OPERATING_SYSTEM && request.applier.user_id === undefined)
    throw applierUnknown(why);
  const found = await listApprovals(projection, plan.digest);
  const judged = found.map((approval) => ({
    approval,
    problem: problemOf(approval, { ...request, rule, now, table: tracking.name }),
  }));
  const counting = judged.flatMap(({ approval, problem }) => (problem === undefined ? [approval] : []));
  if (counting.length > 0) return counting;
  const others = judged.map(
    ({ approval, problem }) => `The approval by ${approval.approver.identity} does not count: ${problem}.`,
  );
  throw new Refused(
    'NOT_APPROVED',
    [`This needs approval, since ${why}. Nothing was written.`, ...others].join(' '),
    howToApprove(rule, request.planWords),
  );
}

/** Somebody who is known only by a user name of the machine may be anybody, even the approver. */
function applierUnknown(why: string): Refused {
  return new Refused(
    'NOT_ALLOWED',
    `This needs approval, since ${why}. STS did not answer, so it is unknown who applies it. Nothing was written.`,
    'Try again from where sts.amazonaws.com or its regional endpoint can be reached.',
  );
}

/** Why a plan needs approval, to follow "since"; undefined where it needs none. Pure. */
export function whyApproval(rule: ApprovalRule | undefined, { files, forced }: Weighed): string | undefined {
  if (rule?.aboveFiles !== undefined && files > rule.aboveFiles)
    return `it changes ${countOf(files, 'file')}, and more than ${grouped(rule.aboveFiles)} need approval`;
  if (rule?.forced && forced > 0) return `it includes ${countOf(forced, 'forced change')}`;
  return undefined;
}

/**
 * Who may approve a plan, and the command that shows the plan and prints the command to approve it.
 *
 * @param plan from `planWords`; undefined where it was not saved
 */
export function howToApprove(
  { policy, environment, hours, aim }: ApprovalRule,
  plan?: readonly string[],
): string {
  const who = `somebody who has the policy ${policy} and neither planned nor applies it`;
  const counts = `An approval is valid for ${durationText(hours * HOUR_MILLIS)}, and only for this plan.`;
  if (plan === undefined)
    return `Make a plan that can be approved, with plan_change or --plan-out, have it approved by ${who}, and apply it. ${counts}`;
  const { before = [], after = [] } = aim ?? {};
  const look = [...before, commandText('approve', [...plan, '--env', environment, ...after])].join(' ');
  return `It can be approved by ${who}. ${counts} To review and approve it: ${look}`;
}

const HOUR_MILLIS = 3_600_000;
// Clocks of two machines differ a little.
const CLOCK_SKEW_MILLIS = 6 * 60_000;

interface Judging extends ApprovalRequest {
  readonly rule: ApprovalRule;
  readonly now: number;
  readonly table: string;
}

/** Why an approval does not count; undefined when it does. */
function problemOf(
  { approver, at, table }: Approval,
  { rule, now, planner, applier, ...plan }: Judging,
): string | undefined {
  const age = now - Date.parse(at);
  if (table !== plan.table) return `it is for the table ${table}`;
  if (!(age >= -CLOCK_SKEW_MILLIS)) return `it claims to have been given at ${at}, which is in the future`;
  if (age > rule.hours * HOUR_MILLIS) return `it was given ${durationText(age)} ago`;
  if (planner && isSamePerson(approver, planner)) return 'whoever planned it cannot approve it';
  if (isSamePerson(approver, applier)) return 'whoever applies it cannot approve it';
  return undefined;
}

/**
 * Whether two identities may be one person. Two sessions of one role may be, since whoever assumes a role names the
 * session; so may two of one name, such as `alice` in two roles. Pure.
 */
export function isSamePerson(one: Actor, other: Actor): boolean {
  const [a, b] = [one, other].map(namesOf);
  return a !== undefined && b !== undefined && [...a].some((name) => b.has(name));
}

/**
 * What identifies somebody: the id, or that of the role, and the name. `AROA…:alice` is a session of a role, `AIDA…` a
 * user. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
function namesOf({ identity, user_id = '' }: Actor): Set<string> {
  const [id = '', session = ''] = user_id.split(':');
  const [, role, name] = /:assumed-role\/([^/]+)\/(.+)$/.exec(identity) ?? [];
  const [, user] = /:user\/(?:.*\/)?([^/]+)$/.exec(identity) ?? [];
  // A function knows its caller only by what the caller states.
  const [, stated] = /^(.+) \(as stated\), invoked through /.exec(identity) ?? [];
  const names = [session, name, user, stated].map((each) => each && `name ${each.toLowerCase()}`);
  const ids = [id && `id ${id}`, role && `role ${role}`, `identity ${identity}`];
  return new Set([...names, ...ids].filter((each) => each !== undefined && each !== '') as string[]);
}
