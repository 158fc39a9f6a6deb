import { existsSync } from 'node:fs';
import * as z from 'zod';
import { parseCommandLine } from '../../shared/cli/command-line.ts';

/** What writes into the tables, and how. */
export interface FeedFlags {
  readonly simulator: boolean;
  /** Whether the faults of the tour happen, one after another, instead of random faults; not by default. */
  readonly story?: boolean;
  readonly rate: number;
  readonly seed: number;
  readonly speed: number;
  /** Stop the simulator after this many files. */
  readonly files: number | undefined;
  /** The version of the pipeline that is simulated. */
  readonly pipeline: 'A' | 'B';
  /** A manifest is built from this many pending files of today on; undefined: as in the settings. */
  readonly maxFiles: number | undefined;
  /** Write this recorded history instead of simulating. */
  readonly replay: string | undefined;
}

/** How `npm start` runs. */
export interface LocalFlags extends FeedFlags {
  /** Whether sweeps, statistics and audits run by themselves. */
  readonly schedules: boolean;
}

const COMMAND = {
  script: 'npm start --',
  description: 'Runs the whole system on this machine, with a simulated pipeline',
  flags: z.object({
    simulator: z
      .boolean()
      .default(true)
      .describe('Simulate a pipeline; with --no-simulator, write to the tables yourself'),
    schedules: z
      .boolean()
      .default(true)
      .describe('Run sweeps, audits and statistics on a schedule, 400 times as often as in prod'),
    story: z
      .boolean()
      .default(true)
      .describe('Let the faults of docs/tour.md happen; with --no-story, faults are random'),
    rate: z.number().gt(0).max(1_000).default(10).describe('Files that arrive per second'),
    files: z
      .int()
      .min(1)
      .max(Number.MAX_SAFE_INTEGER)
      .optional()
      .describe('Stop after this many files (default: never)'),
    seed: z.int().min(0).max(4_294_967_295).default(1).describe('The same seed simulates the same files'),
    speed: z.number().gt(0).max(1_000).default(10).describe('How many times faster than usual files move on'),
    pipeline: z
      .enum(['A', 'B'])
      .default('A')
      .describe('The version of the pipeline to simulate: A is the current one, B an older one'),
    maxFiles: z
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe(
        'How many pending files of today it takes to build a manifest (default: as in settings.local.json)',
      ),
    replay: z
      .string()
      .min(1)
      .refine(existsSync, 'allowed: a file that exists')
      .optional()
      .describe('Write a recorded history (NDJSON of stream records) to the table, instead of simulating'),
  }),
  examples: [
    ['--rate 50 --files 1000', 'a thousand files, after which the system keeps running'],
    ['--replay history.ndjson', 'a recorded history, change by change'],
  ],
} as const;

/**
 * Reads the command line of `npm start`.
 *
 * @returns undefined when help was asked for and printed
 * @throws Refused naming the flag, what was received and what is allowed
 */
export async function parseFlags(args: readonly string[]): Promise<LocalFlags | undefined> {
  const line = await parseCommandLine(COMMAND, args, process.stdout.columns ?? 100);
  if (line.help === undefined)
    return { files: undefined, replay: undefined, maxFiles: undefined, ...line.flags };
  process.stdout.write(`${line.help}\n`);
  return undefined;
}
