import * as z from 'zod';
import { text } from './common-flags.ts';
import { writeFlags } from './write-flags.ts';

/** Flags of every runbook that plans changes to files, and applies them. */
export const planFlags = {
  maxChanges: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(100)
    .describe('More files than these are refused before the first write'),
  planOut: text('Save the plan to this file, to look through it and apply exactly that'),
  plan: text('Apply this saved plan, a file or s3://BUCKET/KEY, instead of selecting anew'),
  maxPlanAge: z
    .number()
    .gt(0)
    .max(8_760)
    .default(24)
    .describe('Refuse a saved plan older than so many hours'),
  changeId: text('The id of a change that was cut off, to go on with it by the same plan'),
  rate: z.int().min(1).max(10_000).default(100).describe('Files to write per second, at most'),
  ...writeFlags,
};

export type PlanValues = z.output<z.ZodObject<typeof planFlags>>;
