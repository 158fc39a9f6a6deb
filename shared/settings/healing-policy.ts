import * as z from 'zod';

/** The causes that a change of status can fix; a lost input is for a person to examine. */
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

/** As many as one invocation can do with time to spare, and as fit into its checkpoint. */
const MOST_CHANGES = 500;

/** When failed files of one cause are retried. Those of any other cause never are. */
export const retryRule = z.strictObject({
  class: z
    .string()
    .trim()
    .min(4)
    .max(200)
    .describe('A class from failures.ts, or words of its text, such as ConcurrentRunsExceeded'),
  attempts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('Maximum number of resets of a file, by anybody: its reset_count'),
  back_off_minutes: z
    .number()
    .min(0)
    .max(7 * 24 * 60)
    .default(30)
    .describe('How long ago it must have failed; doubled after each reset'),
  max_share: z
    .number()
    .gt(0)
    .max(1)
    .default(0.2)
    .describe("If a greater share of a date's files is in the class, no file of that date is reset"),
});
export type RetryRule = z.output<typeof retryRule>;

/** Each rule reads the dates of its classes. */
const MOST_RULES = 20;

/**
 * What a sweep does about what it found. `report`: it only reports. `plan`: it also saves a plan that a person may
 * apply. `apply`: it makes the change itself. Plain JSON, as an environment variable holds it.
 */
export const healingPolicy = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('report').describe('Only report') }),
  z
    .strictObject({
      mode: z.enum(['plan', 'apply']).describe('Save a plan for a person to apply, or make the change'),
      causes: z
        .array(z.enum(HEALABLE_CAUSES))
        .default([])
        .describe('Only files with one of these causes, and only with the change that the cause calls for'),
      max_changes: z
        .int()
        .min(1)
        .max(MOST_CHANGES)
        .default(100)
        .describe('Maximum number of files in one run; the others wait for the next run'),
      max_share: z
        .number()
        .gt(0)
        .max(1)
        .default(0.1)
        .describe('If a greater share of all files in flight has a problem, nothing is changed'),
      retry: z
        .array(retryRule)
        .min(1)
        .max(MOST_RULES)
        .optional()
        .describe(
          'Which failed files are retried, by their class; the first rule that matches a class decides',
        ),
    })
    .refine(({ causes, retry }) => causes.length > 0 || retry !== undefined, {
      path: ['causes'],
      error: 'allowed: at least one cause, unless there is retry',
    }),
]);
export type HealingPolicy = z.output<typeof healingPolicy>;

/** Unless the settings say otherwise, nothing is changed automatically. */
export const REPORT_ONLY: HealingPolicy = { mode: 'report' };
