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

/** When failed files of one cause are tried again. Those of every other cause never are. */
export const retryRule = z.strictObject({
  class: z
    .string()
    .trim()
    .min(4)
    .max(200)
    .describe('A class, as failures.ts names it, or words that its text has, such as ConcurrentRunsExceeded'),
  attempts: z
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('How often a file is put back at most, whoever did it: its reset_count'),
  back_off_minutes: z
    .number()
    .min(0)
    .max(7 * 24 * 60)
    .default(30)
    .describe('How long ago it must have failed; double that after each time that it was put back'),
  max_share: z
    .number()
    .gt(0)
    .max(1)
    .default(0.2)
    .describe("When a greater share of a date's files is in the class, no file of that date is put back"),
});
export type RetryRule = z.output<typeof retryRule>;

/** Each rule asks for the dates of its classes. */
const MOST_RULES = 20;

/**
 * What a sweep does about what it found. `report`: it only tells. `plan`: it also saves a plan that a person
 * may apply. `apply`: it makes the change itself. Plain JSON, as an environment variable holds it.
 */
export const healingPolicy = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('report').describe('Only tell') }),
  z
    .strictObject({
      mode: z.enum(['plan', 'apply']).describe('Keep a plan for a person to apply, or make the change'),
      causes: z
        .array(z.enum(HEALABLE_CAUSES))
        .default([])
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
      retry: z
        .array(retryRule)
        .min(1)
        .max(MOST_RULES)
        .optional()
        .describe(
          'Which failed files are tried again, by their class; the first rule that fits a class decides',
        ),
    })
    .refine(({ causes, retry }) => causes.length > 0 || retry !== undefined, {
      path: ['causes'],
      error: 'allowed: at least one cause, unless there is retry',
    }),
]);
export type HealingPolicy = z.output<typeof healingPolicy>;

/** Unless a deployment says otherwise, nothing is changed by itself. */
export const REPORT_ONLY: HealingPolicy = { mode: 'report' };
