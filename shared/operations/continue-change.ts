import * as z from 'zod';
import { resumeChange } from '../changes/apply.ts';
import type { Change } from '../changes/change.ts';
import { noteBusy, readChange } from '../changes/change-table.ts';
import { requirePlan } from '../changes/plan-table.ts';
import { planOn } from '../changes/planning.ts';
import { pollMillis } from '../changes/staged.ts';
import { busyUntil, isUnderWay, onwardOptions } from './change-requests.ts';
import { closedChange } from './closed-meanwhile.ts';
import { changeId } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';

export const continueChange = operation({
  name: 'continue_change',
  description: 'Continues a plan or a change that is larger than one invocation; call it until it says done',
  writes: true,
  input: z.strictObject({
    change_id: changeId,
    loops: z.int().min(0).default(0).describe('how often the state machine has called so far'),
  }),
  async run(deps, { change_id, loops }) {
    const { done, ...answer } = await onward(deps, change_id);
    // Begun last: if anything fails before, the same execution retries it.
    const isLongest = !done && deps.goOn !== undefined && loops + 1 >= MOST_LOOPS;
    if (isLongest) await deps.goOn?.(change_id);
    return { ...answer, done: done || isLongest, loops: loops + 1 };
  },
});

// An execution ends at 25,000 events of its history, and a loop makes nine: another execution takes over long before.
// https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
const MOST_LOOPS = 500;

async function onward(deps: OperationDeps, change_id: string) {
  const change = await readChange(deps.projection, change_id);
  if (!change) {
    const plan = await requirePlan(deps.projection, change_id);
    const { state, files } = await planOn(deps, plan, () => deps.signal.aborted);
    return { change_id, state, files, done: state === 'planned', wait_seconds: 0 };
  }
  // Stored at both ends: so it is visible while it runs, and while the machine waits.
  if (deps.goOn && isUnderWay(change)) await noteBusy(deps.projection, change_id, busyUntil(deps));
  const options = { ...onwardOptions(deps), isContinued: true, isFollowing: true };
  const run = () =>
    resumeChange(deps, change_id, deps.actor, options).catch((error: unknown) =>
      closedChange(deps, change_id, error),
    );
  const ended = isUnderWay(change) ? await run() : change;
  const wait_seconds = waitSeconds(ended, deps.now);
  if (deps.goOn && wait_seconds > 0)
    await noteBusy(deps.projection, change_id, busyUntil(deps, wait_seconds));
  return {
    change_id,
    state: ended.state,
    done: !isUnderWay(ended),
    wait_seconds,
  };
}

/** The outcome of a stage is checked less often the longer it takes: a stage of a week makes some 170 loops. */
function waitSeconds({ stages = [] }: Pick<Change, 'stages'>, now: number): number {
  const stage = stages.at(-1);
  if (stage?.appliedAt === undefined || stage.outcome !== undefined) return 0;
  const ageSeconds = (now - Date.parse(stage.appliedAt)) / 1_000;
  const byAge = Math.min(3_600, ageSeconds / 10);
  return Math.ceil(Math.max(60, byAge, pollMillis(stage) / 1_000));
}
