import * as z from 'zod';
import type { OutputForm } from './lister.ts';

const TABLE_ROWS = 100;

/** How much of a list is wanted; `limitOf` reads them. */
export const listFlags = {
  limit: z
    .int()
    .min(1)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .describe(`So many at most (without it: ${TABLE_ROWS} in a table, all in the other forms)`),
  all: z.boolean().default(false).describe('Every one, in a table too'),
};

/** @returns undefined when the list is to go to its end */
export function limitOf(
  { limit, all }: { readonly limit?: number | undefined; readonly all: boolean },
  form: OutputForm,
): number | undefined {
  return limit ?? (all || form !== 'table' ? undefined : TABLE_ROWS);
}
