import * as z from 'zod';

export const WEEKDAYS = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
] as const;

/** A weekday, or a date in which `*` stands for any year, month or day. */
const day = z.union([
  z.enum(WEEKDAYS),
  z.string().regex(/^(?:\d{4}|\*)-(?:\d\d|\*)-(?:\d\d|\*)$/, 'allowed: a weekday, or a date such as *-*-01'),
]);

/**
 * Files with a prefix are counted one by one, each hour until they have arrived: this many take some 5,000 read units.
 */
const MOST_WITH_PREFIX = 50_000;

/** How many files of a date are expected by a time. */
export const expectedFiles = z
  .strictObject({
    on: z.array(day).min(1).optional(),
    prefix: z.string().min(1).max(200).optional(),
    at_least: z.int().min(1).max(100_000_000),
    by: z
      .string()
      .regex(
        /^(?:[0-3]\d|4[0-6]):[0-5]\d$/,
        'allowed: a time (UTC) from 00:00 to 46:59; times from 24:00 on are on the next day',
      ),
  })
  .refine(({ prefix, at_least }) => prefix === undefined || at_least <= MOST_WITH_PREFIX, {
    path: ['at_least'],
    message: `allowed with a prefix: at most ${MOST_WITH_PREFIX}`,
  });
export type ExpectedFiles = z.output<typeof expectedFiles>;

// All environment variables of a function together may have 4 KB.
const MOST_EXPECTED = 20;

/** What is reported about the number of files that have arrived. */
export const arrivalsProfile = z.strictObject({
  compare: z
    .boolean()
    .default(true)
    .describe(
      'Whether unusually few or many arrivals are reported, compared with the same weekday of earlier weeks; nothing is reported in the first four weeks',
    ),
  expected: z
    .array(expectedFiles)
    .max(MOST_EXPECTED)
    .default([])
    .describe(
      'How many files are expected by when: [Files that are expected](pipeline.md#files-that-are-expected)',
    ),
});
