import * as z from 'zod';
import { additionalFields } from '../changes/additional-fields.ts';
import type { StoredPlan } from '../changes/plan-table.ts';
import { beginPlan, planNamed, planOn } from '../changes/planning.ts';
import { refuseUnusual } from '../changes/selection.ts';
import { dateRange, failureClassId, fileChange, listedStatus } from './inputs.ts';
import { type OperationDeps, operation } from './operation.ts';
import { continuing, GOES_ON, rate, shownPlan } from './plans.ts';

const ORIGIN = 'plan_change';
const MOST_NAMED = 1_000;
const { date_prefix, file_key, new_status, expected_status, expected_version, force } = fileChange.shape;

const input = z
  .strictObject({
    new_status,
    additional_fields: additionalFields.optional(),
    force,
    status: z
      .union([listedStatus, z.array(listedStatus).min(1)])
      .optional()
      .describe('a selection: all files in this status, or in one of these'),
    date_range: dateRange.optional(),
    older_than_hours: z
      .number()
      .min(0)
      .max(87_600)
      .optional()
      .describe('only files in their status for longer than this'),
    error_contains: z
      .string()
      .min(1)
      .max(1_000)
      .optional()
      .describe('only files whose error message contains this'),
    failure_class: failureClassId.optional(),
    manifest: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe('only files of this manifest: its name, key or URI'),
    files: z
      .array(z.strictObject({ date_prefix, file_key, expected_status, expected_version }))
      .min(1)
      .max(MOST_NAMED)
      .optional()
      .describe('instead of a selection: the files by name'),
    rate,
  })
  .refine(({ status, files }) => (status === undefined) !== (files === undefined), {
    path: ['status'],
    error: 'allowed: either "status", with conditions for a selection, or "files"',
  })
  .refine(
    ({ files, ...rest }) => files === undefined || CONDITIONS.every((name) => rest[name] === undefined),
    {
      path: ['files'],
      error: 'allowed: no conditions with it, since the files are named',
    },
  );

const CONDITIONS = ['date_range', 'older_than_hours', 'error_contains', 'failure_class', 'manifest'] as const;

type Input = z.output<typeof input>;

export const planChange = operation({
  name: 'plan_change',
  description: 'Plans a change of many files and stores the plan for apply_plan; it writes no file',
  writes: true,
  input,
  async run(deps, request) {
    const plan = await start(deps, request);
    if (plan.state === 'planning') await deps.goOn?.(plan.id, `plan-${plan.id}`);
    const goesOn = deps.goOn !== undefined;
    return shownPlan(plan, deps, goesOn ? GOES_ON : `Send ${continuing(plan.id)} to continue it.`);
  },
});

async function start(deps: OperationDeps, request: Input): Promise<StoredPlan> {
  const { files, status, new_status, additional_fields, force, rate } = request;
  const target = { new_status, additional_fields, force };
  const begun = { id: deps.newId(), actor: deps.actor, origin: ORIGIN };
  if (files !== undefined) {
    const named = files.map((file) => ({ ...file, ...target, why: ORIGIN }));
    return planNamed(deps, await beginPlan(deps, begun, { ...target, rate }), named);
  }
  const selection = {
    statuses: [...new Set([status ?? []].flat())],
    range: request.date_range,
    olderThanHours: request.older_than_hours,
    errorContains: request.error_contains,
    failureClass: request.failure_class,
    manifest: request.manifest,
  };
  refuseUnusual(selection, target);
  const plan = await beginPlan(deps, begun, { selection, ...target, rate });
  return planOn(deps, plan, () => deps.signal.aborted);
}
