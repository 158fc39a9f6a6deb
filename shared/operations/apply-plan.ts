import * as z from 'zod';
import { applyStoredPlan } from '../changes/apply.ts';
import { readChange } from '../changes/change-table.ts';
import { PLAN_HOURS } from '../changes/plan-words.ts';
import { handOver, isBusy, onwardOptions, shownChange, shownEnding, shownRepeat } from './change-requests.ts';
import { runEvenIfClosed } from './closed-meanwhile.ts';
import { changeId, reason } from './inputs.ts';
import { operation } from './operation.ts';
import { rate } from './plans.ts';

const stages = z
  .strictObject({
    first: z.int().min(1).max(10_000).default(10).describe('how many files the first stage has'),
    max_failed_percent: z
      .number()
      .gt(0)
      .max(100)
      .default(5)
      .describe('the next stage begins only if less than this share of a stage failed'),
    within_minutes: z
      .number()
      .min(0)
      .max(7 * 24 * 60)
      .default(30)
      .describe('a file whose outcome is unknown by then counts as failed'),
  })
  .describe(
    'applies a few files first, and ten times as many in each later stage, as long as their outcome is good',
  );

export const applyPlan = operation({
  name: 'apply_plan',
  description: 'Applies a plan made by plan_change, in stages if wanted; only once, however often it is sent',
  writes: true,
  input: z.strictObject({
    plan_id: changeId,
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be the digest of a plan')
      .describe('the digest of the plan that was reviewed; any other plan is refused'),
    reason: reason.unwrap(),
    rate: rate
      .unwrap()
      .optional()
      .describe('how many files per second at most; left out: 200, or as before if it is resumed'),
    stages: stages.optional(),
    max_age_hours: z.number().gt(0).max(720).default(PLAN_HOURS).describe('an older plan is refused'),
  }),
  async run(deps, { plan_id, digest, reason, rate, stages, max_age_hours }) {
    const stageRule = stages && {
      first: stages.first,
      badBelow: stages.max_failed_percent / 100,
      withinMinutes: stages.within_minutes,
    };
    const begun = await readChange(deps.projection, plan_id);
    if (begun?.digest === digest && isBusy(begun, deps))
      return { ...shownChange(begun), ...shownEnding(begun, deps) };
    const choice = { planId: plan_id, digest, maxAgeHours: max_age_hours };
    const request = { actor: deps.actor, reason };
    const options = { ...onwardOptions(deps), ratePerSecond: rate, stageRule };
    const change = await runEvenIfClosed(deps, plan_id, options, (all) =>
      applyStoredPlan(deps, choice, request, all),
    );
    await handOver(deps, change);
    return { ...shownChange(change), ...shownEnding(change, deps), ...(await shownRepeat(deps, begun)) };
  },
});
