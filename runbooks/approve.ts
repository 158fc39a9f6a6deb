import * as z from 'zod';
import { howToApprove, isSamePerson, whyApproval } from '../shared/changes/approval.ts';
import { listApprovals, putApproval } from '../shared/changes/approval-table.ts';
import { begunChange, begunText, undoOf } from '../shared/changes/begun-change.ts';
import type { Actor } from '../shared/changes/change.ts';
import { planWords } from '../shared/changes/plan-words.ts';
import { PLAN_COLUMNS } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import {
  limitOf,
  listFlags,
  planFlags,
  stageFlags,
  stageRuleOf,
  text,
  writeFlags,
} from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import { type KeptPlan, openPlan } from '../shared/cli/plan-source.ts';
import { countOf } from '../shared/text/number-text.ts';
import { Refused, usageError } from '../shared/text/refused.ts';
import { isoTime } from '../shared/text/time.ts';
import { hoursText } from '../shared/text/time-text.ts';
import { visibleText } from '../shared/text/visible-text.ts';

const LATER = { group: 'In the command that applies it:' };

const flags = z.object({
  plan: text('The plan: an id from plan_change, a file, or s3://BUCKET/KEY'),
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'allowed: the digest of a plan, as printed without --apply')
    .optional()
    .describe('The digest of the plan that was reviewed; required with --apply'),
  maxPlanAge: planFlags.maxPlanAge,
  ...listFlags,
  ...writeFlags,
  first: stageFlags.first.meta(LATER),
  thenIf: stageFlags.thenIf.meta(LATER),
  within: stageFlags.within.meta(LATER),
  rate: planFlags.rate.meta(LATER),
});

type Context = RunContext<z.output<typeof flags>>;

export const approve = command({
  name: 'approve',
  description: 'Shows a plan that somebody else made, and approves it where the settings require approval',
  flags,
  positional: 'plan',
  buckets: true,
  examples: [
    [
      'plan.ndjson --env local',
      'what the plan would do, who has approved it so far, and the command that approves it',
    ],
    [
      `20261123T052253532Z-1a2b3c4d --digest ${'5eed'.repeat(16)} --apply --reason 'reviewed'`,
      'approves a stored plan, if it is still the one that was reviewed',
    ],
  ],
  async run(context) {
    const { flags: given, deps, output, note } = context;
    if (given.plan === undefined)
      throw usageError('Received no plan to approve.', 'Add its id, or the file in which it was saved.');
    const { maxPlanAge: maxAgeHours, rate } = given;
    const words = planWords(given.plan, { stageRule: stageRuleOf(given), maxAgeHours, rate });
    const plan = await openPlan(context, given.plan, given.maxPlanAge);
    refuseOther(context, words, plan);
    const rows = plan.entries();
    const limit = limitOf(given, output.form);
    await printList(context, { things: 'files to change', columns: PLAN_COLUMNS, rows, limit });
    await tellPlan(context, plan);
    const { digest, files } = plan;
    const apply = ['--plan', ...words, '--max-changes', String(files), '--apply', '--reason', 'WHY'];
    const needless = await nothingToApprove(context, plan, apply);
    if (!given.apply) {
      const approval = context.again(['--digest', digest, '--apply', '--reason', 'WHY']);
      note(
        needless
          ? `${visibleText(needless.message)} ${needless.commandHint}`
          : `Nothing was written. To approve it: ${approval}`,
      );
      return;
    }
    if (needless) throw needless;
    const approver = approverOf(deps.actor);
    if (plan.stored && isSamePerson(approver, plan.stored.actor)) throw ownPlan(context, words);
    await context.confirm(`Approve a change of ${countOf(plan.files, 'file')}`);
    const about = { digest, files, table: deps.tracking.name };
    const reason = given.reason ?? '';
    await putApproval(deps.projection, { ...about, approver, reason, at: isoTime(context.now) });
    note(
      `Approved by ${approver.identity}. Somebody else must apply it: ${context.othersLine('batch-update', apply)}`,
    );
    return;
  },
});

/** Approves only the plan that was reviewed, whatever its name leads to now. */
function refuseOther({ flags: given, commandLine }: Context, words: readonly string[], plan: KeptPlan): void {
  const { digest } = plan;
  const look = `To review it: ${commandLine('approve', words)}`;
  if (given.apply && given.digest === undefined) {
    throw usageError(
      'Received --apply without --digest; allowed: with the digest of the plan that was reviewed.',
      look,
    );
  }
  if (given.digest === undefined || given.digest === digest) return;
  throw new Refused(
    'OTHER_PLAN',
    `--digest: received ${given.digest}, allowed: ${digest}, the digest of the current plan. Nothing was written.`,
    look,
  );
}

async function tellPlan({ deps, note }: RunContext, plan: KeptPlan): Promise<void> {
  const { files, forced, digest, ageHours, stored } = plan;
  const about = forced > 0 ? `, ${countOf(forced, 'change')} with force` : '';
  const by = stored ? `, made by ${stored.actor.identity}` : '';
  note(
    visibleText(
      `A plan for ${countOf(files, 'file')}${about}; ${hoursText(ageHours)} old${by}. Digest: ${digest}`,
    ),
  );
  for (const { approver, at, reason } of await listApprovals(deps.projection, digest))
    note(visibleText(`Approved by ${approver.identity} at ${at}, because: ${reason}`));
  const why = whyApproval(deps.approval, plan);
  if (why !== undefined) note(`It needs approval, since ${why}.`);
}

/**
 * The refusal of a plan that nobody needs to approve, and what can be done instead; undefined where it waits for an
 * approval. A change that was begun was approved then.
 *
 * @param apply the words of the command that applies it
 */
async function nothingToApprove(
  { deps, commandLine }: Context,
  plan: KeptPlan,
  apply: readonly string[],
): Promise<Refused | undefined> {
  const refusal = (why: string, hint: string) =>
    new Refused('NOTHING_TO_APPROVE', `There is nothing to approve. ${why} Nothing was written.`, hint);
  const begun = plan.stored && (await begunChange(deps, plan.stored));
  if (begun) {
    const text = begunText(begun, await undoOf(deps, begun));
    return refusal(text, `To see it: ${commandLine('changes', [begun.id])}`);
  }
  if (plan.files === 0) return refusal('The plan has no files.', 'Make a plan for the files to be changed.');
  if (whyApproval(deps.approval, plan) !== undefined) return undefined;
  const why = 'The settings require no approval for this plan.';
  return refusal(why, `To apply it: ${commandLine('batch-update', apply)}`);
}

/** Only STS can say who this is, except behind a custom endpoint. */
function approverOf(actor: Actor): Actor & { readonly user_id: string } {
  if (actor.user_id !== undefined) return { ...actor, user_id: actor.user_id };
  throw new Refused(
    'NOT_ALLOWED',
    'STS did not answer, so the approver is unknown. Nothing was written.',
    'Try again from where sts.amazonaws.com or its regional endpoint can be reached.',
  );
}

function ownPlan({ deps, othersLine }: RunContext, words: readonly string[]): Refused {
  return new Refused(
    'NOT_APPROVED',
    'Whoever planned a change cannot approve it. Nothing was written.',
    deps.approval ? howToApprove(deps.approval, words) : `Somebody else can: ${othersLine('approve', words)}`,
  );
}

await main(import.meta, approve);
