import * as z from 'zod';
import { DEFAULT_LIMITS, type Limits } from '../checks/limits.ts';

const MOST_HOURS = 24 * 365;

/** Input fields of all operations that judge files by their age. */
export const limitFields = {
  max_processing_hours: hours(DEFAULT_LIMITS.processing, 'processing, or a manifest whose job runs'),
  max_manifested_hours: hours(DEFAULT_LIMITS.manifested, 'manifested, or a manifest that waits'),
  max_pending_hours: hours(DEFAULT_LIMITS.pending, 'pending'),
};

type LimitValues = z.output<z.ZodObject<typeof limitFields>>;

export function limitsOf(given: LimitValues): Limits {
  return {
    pending: given.max_pending_hours,
    manifested: given.max_manifested_hours,
    processing: given.max_processing_hours,
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
