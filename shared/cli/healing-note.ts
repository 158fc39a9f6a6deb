import { howToApprove } from '../changes/approval.ts';
import type { findOrphans } from '../operations/find-orphans.ts';
import { utcText } from '../text/time-text.ts';
import type { RunContext } from './command.ts';

type Healing = NonNullable<Awaited<ReturnType<typeof findOrphans.run>>['last_sweep']>['healing'];

/** Says which plans the last sweep has kept for people, and by which commands they go on; nothing where there are none. */
export function noteHealing(
  { deps, note, commandLine }: Pick<RunContext, 'deps' | 'note' | 'commandLine'>,
  healing: Healing,
): void {
  if (!healing) return;
  const kept = `The sweep of ${utcText(healing.at)} has kept a plan`;
  for (const { plan, needsApproval } of plansOf(healing)) {
    const look = commandLine('batch-update', ['--plan', plan]);
    if (!needsApproval) note(`${kept}, as healing only plans. To look at it: ${look}`);
    else if (deps.approval) note(`${kept} that needs an approval. ${howToApprove(deps.approval, [plan])}`);
    else note(`${kept} that needs an approval. To review it: ${commandLine('approve', [plan])}`);
  }
}

/** Where they lie, of healing and of each class that is tried again. */
function plansOf({ plan, stopped, retries = [] }: NonNullable<Healing>) {
  const all = [
    { plan, needsApproval: stopped === 'needs_approval' },
    ...retries.map((retry) => ({ plan: retry.plan, needsApproval: retry.needs_approval ?? false })),
  ];
  return all.flatMap(({ plan: path, ...rest }) => (path === undefined ? [] : [{ plan: path, ...rest }]));
}
