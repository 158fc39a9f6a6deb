import * as z from 'zod';
import { begunChange } from '../changes/begun-change.ts';
import { requirePlan } from '../changes/plan-table.ts';
import { shownRepeat } from './change-requests.ts';
import { changeId } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { continuing, shownPlan } from './plans.ts';

export const getPlan = operation({
  name: 'get_plan',
  description: 'A plan made by plan_change: number of files, groups, examples, digest',
  input: z.strictObject({ plan_id: changeId }),
  async run(deps: Pick<OperationDeps, 'projection' | 'approval'>, { plan_id }) {
    // The read-only function neither continues anything nor knows whether something does.
    const onward = `If nothing continues it by itself, send ${continuing(plan_id)} to the operations function.`;
    const plan = await requirePlan(deps.projection, plan_id);
    const shown = await shownPlan(
      plan,
      deps,
      `It is still searching for files: call get_plan again. ${onward}`,
    );
    return { ...shown, ...(await shownRepeat(deps, await begunChange(deps, plan))) };
  },
});
