import * as z from 'zod';
import { requirePlan } from '../changes/plan-table.ts';
import { changeId } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { shownPlan } from './plans.ts';

export const getPlan = operation({
  name: 'get_plan',
  description: 'A plan that plan_change has made: how many files, which groups, examples, its digest',
  input: z.strictObject({ plan_id: changeId }),
  async run(deps: Pick<OperationDeps, 'projection' | 'goOn'>, { plan_id }) {
    return shownPlan(await requirePlan(deps.projection, plan_id), deps);
  },
});
