import * as z from 'zod';
import { ORPHAN_KINDS } from '../orphans/verdict.ts';
import { OTHER_CLASS } from '../projection/failure-counts.ts';
import {
  type AboutClass,
  type AboutFile,
  type Acknowledgement,
  isOfClass,
} from '../reports/acknowledgements.ts';
import { datePrefix, failureClassId, fileKey } from './inputs.ts';

/** What an acknowledgement is about: a file with its date, or a class. */
export const acknowledgedFields = {
  date_prefix: datePrefix.optional(),
  file_key: fileKey.optional(),
  kind: z
    .enum(ORPHAN_KINDS)
    .optional()
    .describe('only this finding on the file; if left out, any problem with it'),
  class: failureClassId
    .refine((id) => id !== OTHER_CLASS, { error: 'must be one class; "other" stands for many' })
    .optional()
    .describe('a class of failures, as listed by get_failures'),
};

interface Given {
  readonly date_prefix?: string | undefined;
  readonly file_key?: string | undefined;
  readonly kind?: (typeof ORPHAN_KINDS)[number] | undefined;
  readonly class?: string | undefined;
}

/** The rule that one of the two is given, in the form that `refine` takes. */
export const ONE_SUBJECT: [(given: Given) => boolean, { path: string[]; error: string }] = [
  (given) => aboutIn(given) !== undefined,
  {
    path: ['file_key'],
    error: 'allowed: either class alone, or date_prefix and file_key, optionally with kind',
  },
];

export type GivenAbout = AboutClass | AboutFile;

/** The subject, after `ONE_SUBJECT` has been checked. */
export function givenAbout(given: Given): GivenAbout {
  const about = aboutIn(given);
  if (!about) throw new Error('An acknowledgement without a subject.');
  return about;
}

function aboutIn({ date_prefix, file_key, kind, class: id }: Given): GivenAbout | undefined {
  const isOfFile = date_prefix !== undefined && file_key !== undefined;
  if (id !== undefined) {
    return [date_prefix, file_key, kind].every((each) => each === undefined) ? { class: id } : undefined;
  }
  return isOfFile ? { date_prefix, file_key, ...(kind && { kind }) } : undefined;
}

/** An acknowledgement as callers see it. */
export function shownAcknowledgement(acknowledgement: Acknowledgement) {
  const { reason, actor, at, until, changeId: change_id } = acknowledgement;
  const word = { until, reason, actor, at, change_id };
  if (isOfClass(acknowledgement)) return { class: acknowledgement.class, ...word };
  const { date_prefix, file_key, kind, status, version } = acknowledgement;
  return { date_prefix, file_key, ...(kind !== undefined && { kind }), status, version, ...word };
}
