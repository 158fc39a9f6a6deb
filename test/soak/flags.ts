import * as z from 'zod';
import { parseCommandLine } from '../../shared/cli/command-line.ts';

/** How long `npm run test:soak` runs, and on what. */
export interface SoakFlags {
  readonly runs: number;
  readonly seed: number;
  /** End after so many minutes, with whatever was run by then. */
  readonly minutes: number;
  /** Run one schedule only, the one that a failure named. */
  readonly path: string | undefined;
}

const COMMAND = {
  script: 'npm run test:soak --',
  description: 'Tries the consumer with generated histories and faults',
  flags: z
    .object({
      runs: z.int().min(1).max(10_000_000).default(10_000).describe('How many schedules to run'),
      seed: z
        .int()
        .min(-2_147_483_648)
        .max(2_000_000_000)
        .optional()
        .describe('The same seed tries the same schedules (default: 1)'),
      minutes: z.number().gt(0).optional().describe('End after this many minutes'),
      path: z
        .string()
        .regex(/^\d+(:\d+)*$/)
        .optional()
        .describe('Run one schedule again')
        .meta({ allowed: 'the path that a failure printed, such as 18:0:2' }),
    })
    .refine(({ path, seed }) => path === undefined || seed !== undefined, {
      path: ['path'],
      error: 'allowed: only together with the --seed that was printed with it',
    }),
  examples: [
    ['--minutes 30 --seed 7', 'half an hour of other schedules'],
    ['--seed 7 --path 18:0:2', 'the schedule that a failure printed'],
  ],
} as const;

/**
 * Reads the command line of `npm run test:soak`.
 *
 * @returns undefined when help was asked for and printed
 * @throws Refused naming the flag, what was received and what is allowed
 */
export async function parseSoakFlags(args: readonly string[]): Promise<SoakFlags | undefined> {
  const line = await parseCommandLine(COMMAND, args, process.stdout.columns ?? 100);
  if (line.help === undefined) {
    const { runs, seed = 1, minutes = Number.POSITIVE_INFINITY, path } = line.flags;
    return { runs, seed, minutes, path };
  }
  process.stdout.write(`${line.help}\n`);
  return undefined;
}
