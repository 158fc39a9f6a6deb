import { howToApprove } from '../changes/approval.ts';
import type { findOrphans } from '../operations/find-orphans.ts';
import { utcText } from '../text/time-text.ts';
import { eachChange } from './change-list.ts';
import type { RunContext } from './command.ts';
import { openPlan } from './plan-source.ts';

type Healing = NonNullable<Awaited<ReturnType<typeof findOrphans.run>>['last_sweep']>['healing'];

/**
 * Says which plans the last sweep stored for people, with the command to review each; nothing where there are none. A
 * plan that somebody has applied since is left out.
 */
export async function noteHealing(
  context: Pick<RunContext, 'deps' | 'note' | 'commandLine' | 'now'>,
  healing: Healing,
): Promise<void> {
  if (!healing) return;
  const { deps, note, commandLine } = context;
  const plans = plansOf(healing);
  const applied = plans.length === 0 ? new Set() : await digestsSince(context, healing.at);
  const stored = `The sweep of ${utcText(healing.at)} stored a plan`;
  for (const { plan, needsApproval } of plans) {
    if (applied.size > 0 && applied.has(await digestOf(context, plan))) continue;
    const review = commandLine('batch-update', ['--plan', plan]);
    if (!needsApproval) note(`${stored}, because healing is set to plan only. To review it: ${review}`);
    else if (deps.approval) note(`${stored} that needs approval. ${howToApprove(deps.approval, [plan])}`);
    else note(`${stored} that needs approval. To review it: ${commandLine('approve', [plan])}`);
  }
}

/** The stored plans: that of healing, and one for each class that is retried. */
function plansOf({ plan, stopped, retries = [] }: NonNullable<Healing>) {
  const all = [
    { plan, needsApproval: stopped === 'needs_approval' },
    ...retries.map((retry) => ({ plan: retry.plan, needsApproval: retry.needs_approval ?? false })),
  ];
  return all.flatMap(({ plan: path, ...rest }) => (path === undefined ? [] : [{ plan: path, ...rest }]));
}

/** The digests of the plans that changes have applied since a time. */
async function digestsSince(
  { deps }: Pick<RunContext, 'deps'>,
  since: string,
): Promise<ReadonlySet<unknown>> {
  const digests = new Set<unknown>();
  for await (const { createdAt, digest } of eachChange(deps)) {
    if (Date.parse(createdAt) < Date.parse(since)) break;
    digests.add(digest);
  }
  return digests;
}

/** @returns undefined when the plan cannot be read: the command to review it says why */
function digestOf(context: Pick<RunContext, 'deps' | 'now'>, plan: string): Promise<string | undefined> {
  return openPlan(context, plan, Number.POSITIVE_INFINITY).then(
    ({ digest }) => digest,
    () => undefined,
  );
}
