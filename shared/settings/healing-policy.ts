import * as z from 'zod';

/** The causes that a change of status can fix; a lost input is for a person to look into. */
export const HEALABLE_CAUSES = [
  'builder_died',
  'no_manifest_named',
  'manifest_missing',
  'manifest_overwritten',
  'no_manifest_record',
  'not_started',
  'job_stuck',
  'job_failed',
  'updater_missed',
  'no_output',
  'wrote_nothing',
  'failed_unnoticed',
  'quarantined',
] as const;

/** As many as one invocation gets done with time to spare, and its checkpoint has room for. */
const MOST_CHANGES = 500;

/**
 * What a sweep does about what it found. `report`: it only tells. `plan`: it also saves a plan that a person
 * may apply. `apply`: it makes the change itself. Plain JSON, as an environment variable holds it.
 */
export const healingPolicy = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('report').describe('Only tell') }),
  z.strictObject({
    mode: z.enum(['plan', 'apply']).describe('Keep a plan for a person to apply, or make the change'),
    causes: z
      .array(z.enum(HEALABLE_CAUSES))
      .min(1)
      .describe('Only files with one of these causes, and only by the change that the cause calls for'),
    max_changes: z
      .int()
      .min(1)
      .max(MOST_CHANGES)
      .default(100)
      .describe('Files in one run at most; the others wait for the next one'),
    max_share: z
      .number()
      .gt(0)
      .max(1)
      .default(0.1)
      .describe('When a greater share of all files in flight has something wrong, nothing is changed'),
  }),
]);
export type HealingPolicy = z.output<typeof healingPolicy>;

/** Unless a deployment says otherwise, nothing is changed by itself. */
export const REPORT_ONLY: HealingPolicy = { mode: 'report' };
