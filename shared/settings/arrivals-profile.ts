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

/** Files with a prefix are counted one by one, each hour until they have come: so many take some 5,000 read units. */
const MOST_WITH_PREFIX = 50_000;

/** How many files of a date are to have come by a time. */
export const expectedFiles = z
  .strictObject({
    on: z.array(day).min(1).optional(),
    prefix: z.string().min(1).max(200).optional(),
    at_least: z.int().min(1).max(100_000_000),
    by: z
      .string()
      .regex(
        /^(?:[0-3]\d|4[0-6]):[0-5]\d$/,
        'allowed: a time (UTC) from 00:00 to 46:59; from 24:00 on it is on the next day',
      ),
  })
  .refine(({ prefix, at_least }) => prefix === undefined || at_least <= MOST_WITH_PREFIX, {
    path: ['at_least'],
    message: `allowed with a prefix: at most ${MOST_WITH_PREFIX}`,
  });
export type ExpectedFiles = z.output<typeof expectedFiles>;

// All that a function is told of its environment may have 4 KB.
const MOST_EXPECTED = 20;

/** What is said of how many files have come. */
export const arrivalsProfile = z.strictObject({
  compare: z
    .boolean()
    .default(true)
    .describe(
      'Whether it is told when unusually few or many files have come, by the same weekday of the weeks before; in the first four weeks nothing is',
    ),
  expected: z
    .array(expectedFiles)
    .max(MOST_EXPECTED)
    .default([])
    .describe(
      'How many files are to come by when: [Files that are expected](pipeline.md#files-that-are-expected)',
    ),
});
