import { existsSync } from 'node:fs';
import yargs from 'yargs';
import * as z from 'zod';
import { LocalSetupError } from './setup-error.ts';

/** What writes into the tables, and how. */
export interface FeedFlags {
  readonly simulator: boolean;
  readonly rate: number;
  readonly seed: number;
  readonly speed: number;
  /** Stop the simulator after so many files. */
  readonly files: number | undefined;
  /** Write this recorded history instead of simulating. */
  readonly replay: string | undefined;
}

/** How `npm start` runs. */
export interface LocalFlags extends FeedFlags {
  /** Whether sweeps, statistics and audits run by themselves. */
  readonly schedules: boolean;
}

const flags = z.object({
  simulator: z.boolean(),
  schedules: z.boolean(),
  rate: z.coerce.number('allowed is a number').gt(0).max(1_000),
  seed: z.coerce.number('allowed is a whole number').int().min(0).max(4_294_967_295),
  speed: z.coerce.number('allowed is a number').gt(0).max(1_000),
  files: z.coerce.number('allowed is a whole number').int().min(1).optional(),
  replay: z.string().min(1).refine(existsSync, 'there is no such file').optional(),
});

/**
 * Reads the command line of `npm start`.
 *
 * @returns undefined when help was asked for and printed
 * @throws LocalSetupError naming the flag, what was received and what is allowed
 */
export async function parseFlags(args: readonly string[]): Promise<LocalFlags | undefined> {
  let asked = false;
  const parsed = await yargs([...args])
    .scriptName('npm start --')
    .usage('npm start -- [flags]\n\nRuns the whole system on this machine, with a simulated pipeline.')
    .option('simulator', {
      type: 'boolean',
      default: true,
      describe: 'Simulate a pipeline; --no-simulator: write to the tables yourself',
    })
    .option('schedules', {
      type: 'boolean',
      default: true,
      describe: 'Sweep, audit and keep statistics by schedule, 400 times as often as in prod',
    })
    .option('rate', {
      type: 'string',
      requiresArg: true,
      default: '10',
      describe: 'Files that arrive per second',
    })
    .option('files', {
      type: 'string',
      requiresArg: true,
      describe: 'Stop after so many files; without it there is no end',
    })
    .option('seed', {
      type: 'string',
      requiresArg: true,
      default: '1',
      describe: 'The same seed simulates the same files',
    })
    .option('speed', {
      type: 'string',
      requiresArg: true,
      default: '10',
      describe: 'How many times faster than usual a file lives',
    })
    .option('replay', {
      type: 'string',
      requiresArg: true,
      describe: 'Write a recorded history (NDJSON of stream records) into the table instead',
    })
    .example('npm start -- --rate 50 --files 1000', 'A thousand files, then wait for questions')
    .example('npm start -- --replay history.ndjson', 'A recorded history, change by change')
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw usage(message || error.message);
    })
    .parse([...args], {}, (_error, _argv, output) => {
      if (output) {
        asked = true;
        process.stdout.write(`${output}\n`);
      }
    });
  return asked ? undefined : checked(parsed);
}

function checked(parsed: object): LocalFlags {
  const result = flags.safeParse(parsed);
  if (result.success) return { files: undefined, replay: undefined, ...result.data };
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  const received = (parsed as Record<string, unknown>)[name];
  throw usage(`--${name}: received ${received}, ${issue?.message}`);
}

function usage(message: string): LocalSetupError {
  return new LocalSetupError(message, 'npm start -- --help lists the flags.');
}
