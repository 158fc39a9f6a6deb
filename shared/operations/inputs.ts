import * as z from 'zod';
import { additionalFields } from '../changes/additional-fields.ts';
import { CHANGE_ID_FORM } from '../changes/change.ts';
import { type AgeRules, limitsOfProfile } from '../orphans/limits.ts';
import { DATE_FORM } from '../pipeline/names.ts';
import { isStatus, SETTABLE_STATUS, STATUSES, UNKNOWN_STATUS } from '../pipeline/status.ts';
import { isFailureClass } from '../projection/failure-counts.ts';
import { LONGEST_GRACE_HOURS, type PipelineProfile } from '../settings/pipeline-profile.ts';

/** Input fields that several operations share. */

export const datePrefix = z
  .string()
  .regex(DATE_FORM, 'must have the form YYYY-MM-DD')
  .describe("the record's date_prefix, YYYY-MM-DD; it need not be a date of the calendar");

export const fileKey = z
  .string()
  .min(1)
  .max(4_096)
  .describe("the record's file_key, or the object's name, key or s3:// address in any spelling");

/** A status that can be listed: one of the six, or `unknown` for any other. */
export const listedStatus = z.enum([...STATUSES, UNKNOWN_STATUS]);

export const MOST_LISTED = 10_000;

export const limit = z
  .int()
  .min(1)
  .max(MOST_LISTED)
  .default(100)
  .describe('how many to list at most; there is a next_token when there are more');

// A listing by status holds a key of up to a kilobyte or two for each of up to 1,200 shards, and a verification up to two
// megabytes; base64 adds a third. A request may have 6 MB.
const LONGEST_TOKEN = 3_000_000;

export const nextToken = z.string().min(1).max(LONGEST_TOKEN).describe('next_token of the previous answer');

export const dateRange = z
  .strictObject({ start: datePrefix.optional(), end: datePrefix.optional() })
  .refine(({ start, end }) => !start || !end || start <= end, { error: 'start must not be after end' })
  .describe('dates from start to end, both included; either may be left out');

export const failureClassId = z
  .string()
  .refine(isFailureClass, { error: 'must be a class as listed by get_failures' })
  .describe('the class of a failure, as listed by get_failures');

const MOST_HOURS = 24 * 365;

/** Input fields of all operations that check how old files are. */
export const limitFields = {
  max_processing_hours: hours('processing, or a manifest whose job runs'),
  max_manifested_hours: hours('manifested, or a manifest that waits'),
  max_pending_hours: hours('pending'),
  grace_minutes: z
    .number()
    .min(0)
    .max(LONGEST_GRACE_HOURS * 60)
    .optional()
    .describe(
      "what is younger than this many minutes is still in progress; if left out, the profile's grace",
    ),
};

/** How old something must be before `validate_consistency` compares it, in minutes. */
export const consistencyGrace = z
  .number()
  .min(0)
  .max(24 * 60)
  .optional()
  .describe("what is younger than this many minutes is left out; if left out, the profile's grace");

/** The same in milliseconds, or the grace of the pipeline's profile where none was given. */
export function graceMillisOf(
  minutes: number | undefined,
  { limits }: Pick<PipelineProfile, 'limits'>,
): number {
  return minutes === undefined ? limits.grace_hours * 3_600_000 : minutes * 60_000;
}

/** After how many hours `reset_stuck_files` considers a file stuck. */
export const stuckHours = z
  .number()
  .min(0)
  .max(87_600)
  .optional()
  .describe(
    "files that have been in their status for longer are stuck; if left out, the profile's limit for the status; files of unknown age are left out and listed",
  );

/** Where it may be stuck. */
export const stuckStatus = z.enum(['processing', 'manifested']);

type LimitValues = z.output<z.ZodObject<typeof limitFields>>;

/** The given limits, or those of the pipeline's profile where none were given. */
export function ageRules(
  given: LimitValues,
  profile: Pick<PipelineProfile, 'limits'>,
): Pick<AgeRules, 'limits' | 'graceHours'> {
  const usual = limitsOfProfile(profile);
  return {
    limits: {
      pending: given.max_pending_hours ?? usual.pending,
      manifested: given.max_manifested_hours ?? usual.manifested,
      processing: given.max_processing_hours ?? usual.processing,
    },
    graceHours: given.grace_minutes === undefined ? profile.limits.grace_hours : given.grace_minutes / 60,
  };
}

function hours(what: string) {
  return z
    .number()
    .positive()
    .max(MOST_HOURS)
    .optional()
    .describe(`for how many hours a file may be ${what}; if left out, the profile's limit`);
}

/** Input fields of the operations that change files. */

/** As many as one invocation can do with time to spare; a runbook has no such limit. */
export const MOST_CHANGES = 1_000;

/** How long a reason may be, wherever it is given. */
export const LONGEST_REASON = 1_000;

export const reason = z
  .string()
  .trim()
  .min(1)
  .max(LONGEST_REASON)
  .optional()
  .describe('why: stored with the change, and shown in the timeline of every file');

export const changeId = z
  .string()
  .regex(CHANGE_ID_FORM, 'must be an id of a change, such as 20261123T052253532Z-1a2b3c4d')
  .describe('the id in the answer of a change');

export const maxChanges = z
  .int()
  .min(1)
  .max(MOST_CHANGES)
  .default(MOST_CHANGES)
  .describe('if there are more files, the request is refused and nothing is written');

/** One file to change. */
export const fileChange = z
  .strictObject({
    date_prefix: datePrefix,
    file_key: fileKey,
    new_status: z
      .string()
      .regex(SETTABLE_STATUS, 'allowed: a status of up to 64 characters, without shard suffix and spaces')
      .describe(`one of ${STATUSES.join(', ')}; the record keeps its shard suffix`),
    additional_fields: additionalFields.optional(),
    expected_status: z.string().min(1).max(100).optional().describe('the status that the file must have'),
    expected_version: z
      .string()
      .regex(/^[0-9a-f]{32}$/, 'must be a version as returned by get_file_state')
      .optional()
      .describe('the version that the file must have, as returned by get_file_state'),
    force: z.boolean().default(false).describe('allows a transition or a reset that is otherwise refused'),
  })
  .refine(({ new_status, force }) => force || isStatus(new_status), {
    path: ['new_status'],
    error: `allowed: ${STATUSES.join(', ')}; another one only with "force": true`,
  });
