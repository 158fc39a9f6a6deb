import * as z from 'zod';
import { resumeChange } from '../changes/apply.ts';
import { readChange } from '../changes/change-table.ts';
import { requirePlan } from '../changes/plan-table.ts';
import { planOn } from '../changes/planning.ts';
import { pollMillis } from '../changes/staged.ts';
import { isUnderWay, onwardOptions } from './change-requests.ts';
import { changeId } from './inputs.ts';
import { operation } from './operation.ts';

export const continueChange = operation({
  name: 'continue_change',
  description: 'Goes on with a plan or a change that is larger than one invocation; asked until it says done',
  writes: true,
  input: z.strictObject({ change_id: changeId }),
  async run(deps, { change_id }) {
    const change = await readChange(deps.projection, change_id);
    if (!change) {
      const plan = await requirePlan(deps.projection, change_id);
      const { state, files } = await planOn(deps, plan, () => deps.signal.aborted);
      return { change_id, state, files, done: state === 'planned', wait_seconds: 0 };
    }
    const options = { ...onwardOptions(deps), isContinued: true, isFollowing: true };
    const ended = isUnderWay(change) ? await resumeChange(deps, change_id, deps.actor, options) : change;
    const stage = ended.stages?.at(-1);
    const isWaiting = stage?.appliedAt !== undefined && stage.outcome === undefined;
    return {
      change_id,
      state: ended.state,
      done: !isUnderWay(ended),
      wait_seconds: isWaiting ? Math.max(60, Math.ceil(pollMillis(stage) / 1_000)) : 0,
    };
  },
});
