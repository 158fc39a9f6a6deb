import yargs from 'yargs';
import * as z from 'zod';

/** How long `npm run test:soak` runs, and on what. */
export interface SoakFlags {
  readonly runs: number;
  readonly seed: number;
  /** End after so many minutes, with whatever was run by then. */
  readonly minutes: number;
  /** Run one schedule only, the one that a failure named. */
  readonly path: string | undefined;
}

/** A command line that cannot be carried out, and why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const flags = z.object({
  runs: z.coerce.number('allowed is a whole number').int().min(1).max(10_000_000),
  seed: z.coerce.number('allowed is a whole number').int().min(-2_147_483_648).max(2_000_000_000).default(1),
  minutes: z.coerce.number('allowed is a number').gt(0).default(Number.POSITIVE_INFINITY),
  path: z
    .string()
    .regex(/^\d+(:\d+)*$/, 'allowed is what a failure printed, such as 18:0:2')
    .optional(),
});

/**
 * Reads the command line of `npm run test:soak`.
 *
 * @returns undefined when help was asked for and printed
 * @throws UsageError naming the flag, what was received and what is allowed
 */
export async function parseSoakFlags(args: readonly string[]): Promise<SoakFlags | undefined> {
  let asked = false;
  const text = { type: 'string', requiresArg: true } as const;
  const parsed = await yargs([...args])
    .scriptName('npm run test:soak --')
    .usage('npm run test:soak -- [flags]\n\nTries the consumer with generated histories and faults.')
    .option('runs', { ...text, default: '10000', describe: 'How many schedules to run' })
    .option('seed', { ...text, describe: 'The same seed tries the same schedules; 1 unless given' })
    .option('minutes', { ...text, describe: 'End after so many minutes' })
    .option('path', { ...text, describe: 'Run one schedule again: the path that a failure printed' })
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw new UsageError(message || error.message);
    })
    .parse([...args], {}, (_error, _argv, output) => {
      if (output) {
        asked = true;
        process.stdout.write(`${output}\n`);
      }
    });
  return asked ? undefined : checked(parsed);
}

function checked(parsed: { readonly seed?: unknown; readonly path?: unknown }): SoakFlags {
  if (parsed.path !== undefined && parsed.seed === undefined) {
    throw new UsageError('--path: it leads nowhere without the --seed that was printed with it');
  }
  const result = flags.safeParse(parsed);
  if (result.success) return { path: undefined, ...result.data };
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  const received = (parsed as Record<string, unknown>)[name];
  throw new UsageError(`--${name}: received ${received}, ${issue?.message}`);
}
