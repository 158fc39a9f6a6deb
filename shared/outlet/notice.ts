import * as z from 'zod';
import { IN_FLIGHT_STATUSES } from '../pipeline/status.ts';

/**
 * The version of the form of notices. One that only gets more fields keeps it, so receivers pass over what they do not
 * know; a field that goes, or means something else, makes a new version.
 */
export const NOTICE_VERSION = 1;

const text = (what: string) => z.string().describe(what);
const count = (what: string) => z.number().describe(what);
const status = z.enum(IN_FLIGHT_STATUSES).describe('The status that the files are in');
const since = text('When it was first seen, `…Z`');
const change = {
  change_id: text('What `changes.ts` and `get_change` take'),
  actor: text('Who made it: an ARN where there is one'),
  reason: text('Why, in the words of who made it'),
  origin: text('The operation or runbook that chose the files'),
  applied: count('How many files it wrote'),
  skipped: count('How many it left, since they were not as planned any more'),
  failed: count('How many it could not write'),
};
const share = z.object({
  since,
  settled: count('How many files were settled in the last five minutes'),
  failed: count('How many of them failed or were quarantined'),
});

/** What each type of notice is about, and the fields of its `data`. */
export const NOTICE_TYPES = {
  'class-appeared': {
    when: 'Files fail for a cause that was never seen before',
    data: z.object({
      class: text('What `--class` takes'),
      text: text('What failures of this class have in common'),
      first_seen: text('When the first of them failed, `…Z`'),
      samples: z
        .array(z.object({ date_prefix: z.string(), file_key: z.string() }))
        .describe('Some of its files'),
    }),
  },
  'limit-passed': {
    when: 'Files have been in a status for longer than its limit, and a minute before none had',
    data: z.object({
      status,
      limit_hours: count('The limit'),
      files: count('How many are over it'),
      since,
    }),
  },
  'limit-kept': {
    when: 'No file is over that limit any more',
    data: z.object({ status, limit_hours: count('The limit'), since }),
  },
  'wave-began': {
    when: 'Of the files that were settled in five minutes, 20 at least, every fifth failed or was quarantined',
    data: share,
  },
  'wave-ended': {
    when: 'Of the files that were settled in five minutes, less than every tenth failed, or there were none',
    data: share,
  },
  'change-applied': {
    when: 'A change of files is done: of a person, or of a sweep that heals',
    data: z.object(change),
  },
  'change-undone': {
    when: 'A change is undone, by another change',
    data: z.object({ ...change, undoes: text('The id of the change that it undoes') }),
  },
  'drift-found': {
    when: "An audit has found heads or counts that were wrong, and repairs the projection's",
    data: z.object({
      date_prefix: text('The date that was audited'),
      found: count('How many'),
      repaired: count('How many of them are right again'),
    }),
  },
  'data-lost': {
    when: 'Completed files are proved lost that were not known to be',
    data: z.object({
      date_prefix: text('Their date'),
      by: z
        .enum(['rows', 'evidence'])
        .describe('`rows`: the output has no row of them; `evidence`: a sweep found no report and no output'),
      files: count('How many'),
      samples: z.array(z.string()).describe('The file keys of some'),
    }),
  },
} as const satisfies Readonly<Record<string, NoticeForm>>;

interface NoticeForm {
  readonly when: string;
  readonly data: z.ZodObject;
}

export type NoticeType = keyof typeof NOTICE_TYPES;

/** What its type is about. */
export type NoticeData<T extends NoticeType> = z.output<(typeof NOTICE_TYPES)[T]['data']>;

/** What other tools are told, as `detail` of an event. */
export type Notice = { readonly [T in NoticeType]: NoticeOf<T> }[NoticeType];

export interface NoticeOf<T extends NoticeType> {
  readonly version: typeof NOTICE_VERSION;
  /** The same each time that it is sent: whoever has it drops what comes again. */
  readonly id: string;
  readonly type: T;
  readonly environment: string;
  /** When it was found, `…Z`. */
  readonly at: string;
  readonly data: NoticeData<T>;
}

/** The fields that every notice has, beside `data`. */
export const NOTICE_FIELDS: Readonly<Record<Exclude<keyof Notice, 'data'>, string>> = {
  version: `The version of this form: ${NOTICE_VERSION}`,
  id: 'The same each time that it is sent: whoever has it drops what comes again',
  type: 'One of the types below; it is the `detail-type` of the event, too',
  environment: 'The environment, such as `prod`',
  at: 'When it was found, `…Z`',
};
