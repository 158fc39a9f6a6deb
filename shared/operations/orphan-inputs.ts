import * as z from 'zod';
import { type AgeRules, DEFAULT_LIMITS, GRACE_HOURS, LONGEST_GRACE_HOURS } from '../checks/limits.ts';

const MOST_HOURS = 24 * 365;

/** Input fields of all operations that judge files by their age. */
export const limitFields = {
  max_processing_hours: hours(DEFAULT_LIMITS.processing, 'processing, or a manifest whose job runs'),
  max_manifested_hours: hours(DEFAULT_LIMITS.manifested, 'manifested, or a manifest that waits'),
  max_pending_hours: hours(DEFAULT_LIMITS.pending, 'pending'),
  grace_minutes: z
    .number()
    .min(0)
    .max(LONGEST_GRACE_HOURS * 60)
    .default(GRACE_HOURS * 60)
    .describe('what is younger than so many minutes is still under way'),
};

type LimitValues = z.output<z.ZodObject<typeof limitFields>>;

export function ageRules(given: LimitValues): Pick<AgeRules, 'limits' | 'graceHours'> {
  return {
    limits: {
      pending: given.max_pending_hours,
      manifested: given.max_manifested_hours,
      processing: given.max_processing_hours,
    },
    graceHours: given.grace_minutes / 60,
  };
}

function hours(usual: number, what: string) {
  return z
    .number()
    .positive()
    .max(MOST_HOURS)
    .default(usual)
    .describe(`for how many hours a file may be ${what}`);
}
