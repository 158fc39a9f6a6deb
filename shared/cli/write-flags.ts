import * as z from 'zod';
import { text } from './common-flags.ts';

/** Flags of every runbook that can write. Without `--apply` nothing is written. */
export const writeFlags = {
  apply: z.boolean().default(false).describe('Write; without it the command only shows what it would do'),
  reason: text('Why, for the record; needed with --apply'),
  yes: z.boolean().default(false).describe('Answer the question beforehand'),
  confirm: text("In production, instead of the question: the tracking table's name"),
};

export type WriteValues = z.output<z.ZodObject<typeof writeFlags>>;

/** Whether flags are those of a runbook that is to write now. */
export function isWriting(flags: object): flags is WriteValues {
  return 'apply' in flags && flags.apply === true;
}
