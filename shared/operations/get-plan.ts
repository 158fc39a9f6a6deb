import * as z from 'zod';
import { requirePlan } from '../changes/plan-table.ts';
import { changeId } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { continuing, shownPlan } from './plans.ts';

export const getPlan = operation({
  name: 'get_plan',
  description: 'A plan that plan_change has made: how many files, which groups, examples, its digest',
  input: z.strictObject({ plan_id: changeId }),
  async run(deps: Pick<OperationDeps, 'projection' | 'approval'>, { plan_id }) {
    // The function that only reads neither goes on with anything nor knows whether something does.
    const onward = `Where nothing goes on with it by itself, send ${continuing(plan_id)} to the operations function.`;
    const plan = await requirePlan(deps.projection, plan_id);
    return shownPlan(plan, deps, `Its files are still being looked for: ask again. ${onward}`);
  },
});
