import * as z from 'zod';
import { howToApprove, isSamePerson, whyApproval } from '../shared/changes/approval.ts';
import { listApprovals, putApproval } from '../shared/changes/approval-table.ts';
import type { Actor } from '../shared/changes/change.ts';
import { PLAN_COLUMNS } from '../shared/cli/change-report.ts';
import { command, type RunContext } from '../shared/cli/command.ts';
import { main } from '../shared/cli/entry.ts';
import { limitOf, listFlags, planFlags, text, writeFlags } from '../shared/cli/flags.ts';
import { printList } from '../shared/cli/output.ts';
import { type KeptPlan, openPlan } from '../shared/cli/plan-source.ts';
import { countOf } from '../shared/text/number-text.ts';
import { Refused, usageError } from '../shared/text/refused.ts';
import { isoTime } from '../shared/text/time.ts';
import { hoursText } from '../shared/text/time-text.ts';
import { visibleText } from '../shared/text/visible-text.ts';

export const approve = command({
  name: 'approve',
  description: 'Shows a plan that somebody else made, and approves it where the settings require approval',
  flags: z.object({
    plan: text('The plan: an id from plan_change, a file, or s3://BUCKET/KEY'),
    maxPlanAge: planFlags.maxPlanAge,
    ...listFlags,
    ...writeFlags,
  }),
  positional: 'plan',
  buckets: true,
  examples: [
    ['plan.ndjson --env local', 'what the plan would do, and who has approved it so far'],
    ["20261123T052253532Z-1a2b3c4d --apply --reason 'reviewed'", 'approves a stored plan'],
    ["plan.ndjson --apply --reason 'reviewed'", 'approves a plan saved in a file'],
  ],
  async run(context) {
    const { flags, deps, output, note } = context;
    if (flags.plan === undefined)
      throw usageError('Received no plan to approve.', 'Add its id, or the file in which it was saved.');
    const plan = await openPlan(context, flags.plan, flags.maxPlanAge);
    const rows = plan.entries();
    const limit = limitOf(flags, output.form);
    await printList(context, { things: 'files to change', columns: PLAN_COLUMNS, rows, limit });
    await tellPlan(context, plan);
    if (!flags.apply) {
      note(`Nothing was written. To approve it: ${context.again(['--apply', '--reason', 'WHY'])}`);
      return;
    }
    const approver = approverOf(deps.actor);
    if (plan.stored && isSamePerson(approver, plan.stored.actor)) throw ownPlan(context, flags.plan);
    await context.confirm(`Approve a change of ${countOf(plan.files, 'file')}`);
    const { digest, files } = plan;
    const about = { digest, files, table: deps.tracking.name };
    const reason = flags.reason ?? '';
    await putApproval(deps.projection, { ...about, approver, reason, at: isoTime(context.now) });
    const apply = ['--plan', flags.plan, '--max-changes', String(files), '--apply', '--reason', 'WHY'];
    note(
      `Approved by ${approver.identity}. Somebody else must apply it: ${context.commandLine('batch-update', apply)}`,
    );
    return;
  },
});

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
  note(why === undefined ? 'The settings require no approval for it.' : `It needs approval, since ${why}.`);
}

/** Only STS can say who this is, except for a system behind an endpoint of one's own. */
function approverOf(actor: Actor): Actor & { readonly user_id: string } {
  if (actor.user_id !== undefined) return { ...actor, user_id: actor.user_id };
  throw new Refused(
    'NOT_ALLOWED',
    'STS did not answer, so the approver is unknown. Nothing was written.',
    'Try again from where sts.amazonaws.com or its regional endpoint can be reached.',
  );
}

function ownPlan({ deps }: RunContext, name: string): Refused {
  return new Refused(
    'NOT_APPROVED',
    'Whoever planned a change cannot approve it. Nothing was written.',
    deps.approval ? howToApprove(deps.approval, name) : 'Ask somebody else.',
  );
}

await main(import.meta, approve);
