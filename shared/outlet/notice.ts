import * as z from 'zod';
import { IN_FLIGHT_STATUSES } from '../pipeline/status.ts';

/**
 * The version of the form of notices. New fields do not change it, so receivers must ignore fields that they do not know.
 * It changes when a field is removed or gets another meaning.
 */
export const NOTICE_VERSION = 1;

const text = (what: string) => z.string().describe(what);
const count = (what: string) => z.number().describe(what);
const status = z.enum(IN_FLIGHT_STATUSES).describe('The status that the files are in');
const since = text('When it was first seen, `…Z`');
const change = {
  change_id: text('The id for `changes.ts` and `get_change`'),
  actor: text('Who made it: an ARN if there is one'),
  reason: text("Why, in the actor's words"),
  origin: text('The operation or runbook that chose the files'),
  applied: count('How many files it wrote'),
  skipped: count('How many it skipped because they had changed since they were planned'),
  failed: count('How many it could not write'),
};
const share = z.object({
  since,
  settled: count('How many files settled in the last five minutes'),
  failed: count('How many of them failed or were quarantined'),
});

/** What each type of notice is about, and the fields of its `data`. */
export const NOTICE_TYPES = {
  'class-appeared': {
    when: 'Files fail for a cause that was never seen before',
    data: z.object({
      class: text('The id for `--class`'),
      text: text('What failures of this class have in common'),
      first_seen: text('When the first of them failed, `…Z`'),
      samples: z
        .array(z.object({ date_prefix: z.string(), file_key: z.string() }))
        .describe('Some of its files'),
    }),
  },
  'limit-passed': {
    when: 'Files have been in a status for longer than its limit; a minute earlier, none had',
    data: z.object({
      status,
      limit_hours: count('The limit'),
      files: count('How many are over it'),
      since,
    }),
  },
  'limit-kept': {
    when: 'No file is over that limit any longer',
    data: z.object({ status, limit_hours: count('The limit'), since }),
  },
  'wave-began': {
    when: 'At least 20 files settled in five minutes, and at least 20% of them failed or were quarantined',
    data: share,
  },
  'wave-ended': {
    when: 'Of the files that settled in five minutes, less than 10% failed or were quarantined, or no files settled',
    data: share,
  },
  'change-applied': {
    when: 'A change of files is done, made by a person or by a healing sweep',
    data: z.object(change),
  },
  'change-undone': {
    when: 'A change was undone by another change',
    data: z.object({ ...change, undoes: text('The id of the change that it undoes') }),
  },
  'drift-found': {
    when: 'An audit found wrong heads or counts in the projection',
    data: z.object({
      date_prefix: text('The date that was audited'),
      found: count('How many'),
      repaired: count('How many of them it repaired'),
    }),
  },
  'data-lost': {
    when: 'Completed files that were not known to be lost were proved lost',
    data: z.object({
      date_prefix: text('Their date'),
      by: z
        .enum(['rows', 'evidence'])
        .describe(
          '`rows`: the output has no rows of them; `evidence`: a sweep found no report and no output',
        ),
      files: count('How many'),
      samples: z.array(z.string()).describe('The file keys of some of them'),
    }),
  },
} as const satisfies Readonly<Record<string, NoticeForm>>;

interface NoticeForm {
  readonly when: string;
  readonly data: z.ZodObject;
}

export type NoticeType = keyof typeof NOTICE_TYPES;

/** The data of a type of notice. */
export type NoticeData<T extends NoticeType> = z.output<(typeof NOTICE_TYPES)[T]['data']>;

/** A notice to other tools, sent as the `detail` of an event. */
export type Notice = { readonly [T in NoticeType]: NoticeOf<T> }[NoticeType];

export interface NoticeOf<T extends NoticeType> {
  readonly version: typeof NOTICE_VERSION;
  /** The same each time it is sent: receivers drop repeats. */
  readonly id: string;
  readonly type: T;
  readonly environment: string;
  /** When it was found, `…Z`. */
  readonly at: string;
  readonly data: NoticeData<T>;
}

/** The fields that every notice has, besides `data`. */
export const NOTICE_FIELDS: Readonly<Record<Exclude<keyof Notice, 'data'>, string>> = {
  version: `The version of this form: ${NOTICE_VERSION}`,
  id: 'The same each time it is sent, so that receivers can drop repeats',
  type: 'One of the types below; it is also the `detail-type` of the event',
  environment: 'The environment, such as `prod`',
  at: 'When it was found, `…Z`',
};
