import * as z from 'zod';
import { ENVIRONMENTS } from '../aws/deployment-names.ts';
import { durationMillis } from '../text/time-text.ts';
import { OUTPUT_FORMS } from './lister.ts';

/** Flags that every runbook takes. */
export const commonFlags = z
  .object({
    env: text(`What to work on: ${ENVIRONMENTS.join(', ')}; without it ENVIRONMENT, else local`),
    table: text("The tracking table, if not the environment's own"),
    projectionTable: text("The projection table, if not the environment's own"),
    profile: text('The AWS profile whose credentials to use'),
    region: text('The AWS region'),
    endpointUrl: z.url().optional().describe('Where DynamoDB is, if not at AWS'),
    output: z.enum(OUTPUT_FORMS).default('table').describe('The form of the answer'),
    json: z.boolean().default(false).describe('Short for --output json'),
  })
  .refine(({ output, json }) => !json || output === 'table' || output === 'json', {
    path: ['output'],
    error: 'allowed: only one form, so leave out --json or --output',
  });

export type CommonValues = z.output<typeof commonFlags>;

export const GROUPS = {
  own: 'Flags:',
  env: 'Target:',
  table: 'Target:',
  projectionTable: 'Target:',
  profile: 'Target:',
  region: 'Target:',
  endpointUrl: 'Target:',
  output: 'Output:',
  json: 'Output:',
  other: 'Output:',
} as const;

/** Text that is not empty. */
export function text(description: string) {
  return z.string().min(1, 'allowed: any text').optional().describe(description);
}

/** A date of the pipeline, in UTC. */
export const date = z
  .union([z.iso.date(), z.enum(['today', 'yesterday'])])
  .optional()
  .meta({ allowed: 'a date as YYYY-MM-DD, today or yesterday (UTC)' });

/** The dates a command works on; `resolveDates` reads them. */
export const dateFlags = {
  date: date.describe('Only this date').meta({ alias: 'date-prefix' }),
  from: date.describe('From this date on'),
  to: date.describe('Up to this date'),
};

/** A length of time, in milliseconds when read. */
export const duration = z
  .string()
  .refine((given) => durationMillis(given) !== undefined)
  .transform((given) => durationMillis(given) as number)
  .optional()
  .meta({ allowed: 'a length of time such as 90s, 30m, 2h or 1d' });
