import * as z from 'zod';
import { STATUSES } from '../pipeline/status.ts';

/** Fields that the requests of several views share. */

export const date = z.iso.date('must be a real date written YYYY-MM-DD');

export const status = z.enum(STATUSES, `must be one of ${STATUSES.join(', ')}`);

export const nextToken = z.string().max(10_000).optional();

/** Text that must be given. */
export function text(longest: number): z.ZodString {
  return z.string('must be given').min(1, 'must be given').max(longest);
}
