import { howToApprove } from '../changes/approval.ts';
import type { findOrphans } from '../operations/find-orphans.ts';
import { utcText } from '../text/time-text.ts';
import type { RunContext } from './command.ts';

type Healing = NonNullable<Awaited<ReturnType<typeof findOrphans.run>>['last_sweep']>['healing'];

/** Says which plans the last sweep stored for people, with the command to review each; nothing where there are none. */
export function noteHealing(
  { deps, note, commandLine }: Pick<RunContext, 'deps' | 'note' | 'commandLine'>,
  healing: Healing,
): void {
  if (!healing) return;
  const stored = `The sweep of ${utcText(healing.at)} stored a plan`;
  for (const { plan, needsApproval } of plansOf(healing)) {
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
