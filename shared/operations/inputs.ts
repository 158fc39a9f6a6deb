import * as z from 'zod';

/** Input fields that several operations share. */

export const datePrefix = z.iso
  .date('must be a real date written YYYY-MM-DD')
  .describe("the record's date_prefix, YYYY-MM-DD");

export const fileKey = z
  .string()
  .min(1)
  .max(1024)
  .describe("the record's file_key, URL-encoded as the table stores it");

export const MOST_LISTED = 10_000;

export const limit = z
  .int()
  .min(1)
  .max(MOST_LISTED)
  .default(100)
  .describe('how many to list at most; next_token tells when there are more');

export const nextToken = z.string().min(1).describe('next_token of the answer before');

export const dateRange = z
  .strictObject({ start: datePrefix.optional(), end: datePrefix.optional() })
  .refine(({ start, end }) => !start || !end || start <= end, { error: 'start must not be after end' })
  .describe('dates from start to end, both included; either may be left out');
