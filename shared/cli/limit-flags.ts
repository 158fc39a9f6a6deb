import * as z from 'zod';
import { DEFAULT_LIMITS, GRACE_HOURS, type Limits, LONGEST_GRACE_HOURS } from '../orphans/limits.ts';

/** For how long files may stay in their status before they are stuck. */
export const limitFlags = {
  hours: hours(DEFAULT_LIMITS.processing).describe('Processing longer than so many hours is stuck'),
  manifestedHours: hours(DEFAULT_LIMITS.manifested).describe('Manifested longer than so many hours is stuck'),
  pendingHours: hours(DEFAULT_LIMITS.pending).describe('Pending longer than so many hours is stuck'),
  grace: z
    .number()
    .min(0)
    .max(LONGEST_GRACE_HOURS * 60)
    .default(GRACE_HOURS * 60)
    .describe('What settled less than so many minutes ago is not judged'),
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

function hours(usual: number) {
  return z.number().gt(0).max(8_760).default(usual);
}

/** The limits among these values. */
export function limitsOf({ hours, manifestedHours, pendingHours }: LimitValues): Limits {
  return { processing: hours, manifested: manifestedHours, pending: pendingHours };
}
