import * as z from 'zod';
import { CHANGE_ID_FORM, type StageRule } from '../changes/change.ts';
import { PLAN_HOURS, USUAL_RATE } from '../changes/plan-words.ts';
import { failureClassId, fileChange, LONGEST_REASON, limitFields, maxChanges } from '../operations/inputs.ts';
import type { Limits } from '../orphans/limits.ts';
import { usageError } from '../text/refused.ts';
import { durationMillis } from '../text/time-text.ts';
import { OUTPUT_FORMS, type OutputForm } from './forms.ts';

/** Text that is not empty. */
export function text(description: string) {
  return z.string().min(1, 'allowed: any text').optional().describe(description);
}

/** An operation's text for one of its fields, as the text of a flag. */
export function fieldText({ description = '' }: { readonly description?: string | undefined }): string {
  return description.charAt(0).toUpperCase() + description.slice(1);
}

/** An operation's field as a flag: its schema and its text. */
function fieldFlag<T extends z.ZodType>(field: T): T {
  return field.describe(fieldText(field));
}

const TARGET = { group: 'Target:' };
const OUTPUT = { group: 'Output:' };

/**
 * Flags that every runbook takes.
 *
 * @param environments those that have settings
 */
export function commonFlags(environments: readonly string[]) {
  return z
    .object({
      env: text(`The environment: ${environments.join(', ')} (default: ENVIRONMENT, else local)`).meta({
        ...TARGET,
        suggestions: environments,
      }),
      table: text("The tracking table, if not the environment's own").meta(TARGET),
      projectionTable: text("The projection table, if not the environment's own").meta(TARGET),
      profile: text('The AWS profile whose credentials to use').meta(TARGET),
      region: text('The AWS region').meta(TARGET),
      endpointUrl: z.url().optional().describe('Where DynamoDB is, if not at AWS').meta(TARGET),
      output: z.enum(OUTPUT_FORMS).default('table').describe('The form of the answer').meta(OUTPUT),
      json: z.boolean().default(false).describe('Short for --output json').meta(OUTPUT),
    })
    .refine(({ output, json }) => !json || output === 'table' || output === 'json', {
      path: ['output'],
      error: 'allowed: only one form, so leave out --json or --output',
    });
}

export type CommonValues = z.output<ReturnType<typeof commonFlags>>;

/** Selects files by the class of their failure. */
export const fileClass = failureClassId
  .optional()
  .describe('Only files that failed for this cause: a class from failures.ts')
  .meta({ allowed: 'a class such as java-heap-space-1-0a1b2c' });

/** A length of time, in milliseconds when read. */
export const duration = z
  .string()
  .refine((given) => durationMillis(given) !== undefined)
  .transform((given) => durationMillis(given) as number)
  .optional()
  .meta({ allowed: 'a length of time such as 90s, 30m, 2h or 1d' });

const TABLE_ROWS = 100;

/** How much of a list is wanted; `limitOf` reads them. */
export const listFlags = {
  limit: z
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(`Maximum number of rows (default: ${TABLE_ROWS} in a table, all in the other forms)`),
  all: z.boolean().default(false).describe('Show all rows, even in table output'),
};

/**
 * @returns undefined when the whole list is wanted
 * @throws Refused when both are given
 */
export function limitOf(
  { limit, all }: { readonly limit?: number | undefined; readonly all: boolean },
  form: OutputForm,
): number | undefined {
  if (limit !== undefined && all) {
    throw usageError(`Received both --limit ${limit} and --all; allowed: one of them.`, 'Leave one out.');
  }
  return limit ?? (all || form !== 'table' ? undefined : TABLE_ROWS);
}

/** How long files may stay in their status before they count as stuck: for `explain` and `find-orphans`. */
export const limitFlags = {
  hours: fieldFlag(limitFields.max_processing_hours),
  manifestedHours: fieldFlag(limitFields.max_manifested_hours),
  pendingHours: fieldFlag(limitFields.max_pending_hours),
  grace: fieldFlag(limitFields.grace_minutes),
};

type LimitValues = z.output<z.ZodObject<typeof limitFlags>>;

/** The same as operations take it. */
export function limitInput({ hours, manifestedHours, pendingHours, grace }: LimitValues) {
  return {
    max_processing_hours: hours,
    max_manifested_hours: manifestedHours,
    max_pending_hours: pendingHours,
    grace_minutes: grace,
  };
}

/** The limits among these values. */
export function limitsOf({ hours, manifestedHours, pendingHours }: LimitValues): Partial<Limits> {
  return {
    ...(hours !== undefined && { processing: hours }),
    ...(manifestedHours !== undefined && { manifested: manifestedHours }),
    ...(pendingHours !== undefined && { pending: pendingHours }),
  };
}

/** Flags of every runbook that can write. Without `--apply` nothing is written. */
export const writeFlags = {
  apply: z.boolean().default(false).describe('Write; without it, the command only shows what it would do'),
  reason: z
    .string()
    .trim()
    .min(1, 'allowed: any text')
    .max(LONGEST_REASON, `allowed: up to ${LONGEST_REASON} characters`)
    .optional()
    .describe('The reason for the change; needed with --apply'),
  yes: z.boolean().default(false).describe('Do not ask for confirmation'),
  confirm: text("The tracking table's name; in production, needed with --apply"),
};

export type WriteValues = z.output<z.ZodObject<typeof writeFlags>>;

/** Whether the flags are those of a runbook that will write. */
export function isWriting(flags: object): flags is WriteValues {
  return 'apply' in flags && flags.apply === true;
}

/** The id of a change. */
export const changeIdFlag = z
  .string()
  .regex(CHANGE_ID_FORM, 'allowed: an id such as 20261123T052253532Z-1a2b3c4d');

/** Flags that let a change grow step by step; see `stageRuleOf`. */
export const stageFlags = {
  first: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      'Apply to this many files first, and to ten times as many in each later stage that follows a good one',
    ),
  thenIf: z
    .string()
    .refine((given) => shareIn(given) !== undefined)
    .transform((given) => shareIn(given) as number)
    .optional()
    .describe('With --first: what must hold for a stage before the next one begins (default: failed < 5%)')
    .meta({ allowed: "a share of failed files such as 'failed < 5%'" }),
  within: duration.describe(
    'With --first: how long to wait for the outcome of a stage; files without one by then count as failed (default: 30m)',
  ),
};

const FAILED_BELOW = /^\s*failed\s*<\s*(\d+(?:\.\d+)?)\s*%\s*$/;

/** The share in `failed < 5%`: 0.05; undefined where the text is not of that form. */
function shareIn(text: string): number | undefined {
  const percent = Number(FAILED_BELOW.exec(text)?.[1]);
  return percent > 0 && percent <= 100 ? percent / 100 : undefined;
}

/**
 * How a change grows in stages; undefined when it is applied at once.
 *
 * @throws Refused when flags for stages are given without --first
 */
export function stageRuleOf({
  first,
  thenIf,
  within,
}: Partial<z.output<z.ZodObject<typeof stageFlags>>>): StageRule | undefined {
  if (first !== undefined) {
    return { first, badBelow: thenIf ?? 0.05, withinMinutes: (within ?? 30 * 60_000) / 60_000 };
  }
  if (thenIf === undefined && within === undefined) return undefined;
  throw usageError(
    'Received --then-if or --within without --first.',
    "For example: --first 10 --then-if 'failed < 5%' --within 30m.",
  );
}

/** How many files a command may change unless it is told otherwise. */
export const USUAL_MAX_CHANGES = 100;

/** Flags of every runbook that plans changes to files, and applies them. */
export const planFlags = {
  maxChanges: z.int().min(1).max(1_000_000).default(USUAL_MAX_CHANGES).describe(fieldText(maxChanges)),
  planOut: text('Save the plan to this file, to review it and apply exactly that'),
  plan: text('Apply this plan instead of selecting files: its id, a file or s3://BUCKET/KEY'),
  maxPlanAge: z
    .number()
    .gt(0)
    .max(8_760)
    .default(PLAN_HOURS)
    .describe('Refuse a saved plan that is older than this many hours'),
  changeId: changeIdFlag
    .optional()
    .describe('The id of an interrupted change, to resume it with the same plan'),
  rate: z
    .int()
    .min(1)
    .max(10_000)
    .optional()
    .describe(
      `Maximum number of files to write per second (default: ${USUAL_RATE}; for a change that is resumed, as before)`,
    ),
  watch: z.boolean().default(false).describe('After --apply, wait until the files have settled'),
  ...stageFlags,
  ...writeFlags,
};

export type PlanValues = z.output<z.ZodObject<typeof planFlags>>;

/** Allows transitions that are not in the lifecycle. */
export const force = fieldFlag(fileChange.shape.force);
