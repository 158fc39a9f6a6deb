import * as z from 'zod';
import { additionalFields } from '../changes/additional-fields.ts';
import { isStatus, STATUSES } from '../files/status.ts';
import { datePrefix, fileKey } from './inputs.ts';

/** Input fields of the operations that change files. */

/** As many as one invocation gets done with time to spare; a runbook has no such limit. */
export const MOST_CHANGES = 1_000;

export const reason = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .optional()
  .describe('why: kept with the change, and shown in the timeline of every file');

export const changeId = z.string().min(1).max(100).describe('the id that the answer of a change gave');

export const maxChanges = z
  .int()
  .min(1)
  .max(MOST_CHANGES)
  .default(MOST_CHANGES)
  .describe('more files than these are refused with nothing written');

/** One file that is to be changed. */
export const fileChange = z
  .strictObject({
    date_prefix: datePrefix,
    file_key: fileKey,
    new_status: z
      .string()
      .regex(/^[^#\s]{1,64}$/, 'must be a status, without shard suffix')
      .describe(`one of ${STATUSES.join(', ')}; the record keeps its shard`),
    additional_fields: additionalFields.optional(),
    expected_status: z.string().min(1).optional().describe('the status that the file must have'),
    force: z.boolean().default(false).describe('allows a transition that is not a usual one'),
  })
  .refine(({ new_status, force }) => force || isStatus(new_status), {
    path: ['new_status'],
    error: `allowed: ${STATUSES.join(', ')}; another one only with "force": true`,
  });
