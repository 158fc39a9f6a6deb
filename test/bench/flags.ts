import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import yargs from 'yargs';
import * as z from 'zod';
import { usageError } from '../../shared/text/refused.ts';

/** What a run measures, and where it leaves the figures. */
export interface BenchFlags {
  readonly large: boolean;
  /** Sections to run, in their usual order; all when empty. */
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly writeResults: boolean;
}

const RESULTS_NEED_ALL = '--write-results: the results are of a whole run, so --only does not go with it';

/**
 * Reads the command line of `npm run bench`.
 *
 * @param sections name and description of each section
 * @returns undefined when help was asked for and printed
 * @throws Refused naming the flag, what was received and what is allowed
 */
export async function parseFlags(
  args: readonly string[],
  sections: readonly { readonly name: string; readonly about: string }[],
): Promise<BenchFlags | undefined> {
  let help = '';
  const parsed = await yargs([])
    .locale('en')
    .scriptName('npm run bench --')
    .usage('npm run bench -- [flags]\n\nMeasures what the State Manager costs, each beside another way.')
    .option('only', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Run this section; repeatable',
    })
    .option('large', { type: 'boolean', default: false, describe: 'Read from 300,000 files as well' })
    .option('json', { type: 'string', requiresArg: true, describe: 'Write all figures into this file' })
    .option('write-results', {
      type: 'boolean',
      default: false,
      describe: 'Write test/bench/RESULTS.md: after a whole run, on a machine that does nothing else',
    })
    .epilog(['Sections:', ...sections.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`)].join('\n'))
    .example('npm run bench -- --only folding --only join', 'Two sections')
    .wrap(110)
    .strict()
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw usage(message || error.message);
    })
    .parse([...args], {}, (_error, _argv, output) => {
      help = output;
    });
  if (!help) return checked(parsed, sections);
  process.stdout.write(`${help}\n`);
  return undefined;
}

function checked(parsed: object, sections: readonly { readonly name: string }[]): BenchFlags {
  const result = flagsOf(sections.map(({ name }) => name)).safeParse(parsed);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw usage(`--${String(issue?.path[0])}: ${issue?.message}`);
  }
  const { only, json, large, 'write-results': writeResults } = result.data;
  if (writeResults && only.length > 0) throw usage(RESULTS_NEED_ALL);
  return { large, only, json, writeResults };
}

function flagsOf(names: readonly string[]) {
  const error = ({ input }: { input?: unknown }) => `received ${input}, allowed are ${names.join(', ')}`;
  return z.object({
    large: z.boolean(),
    only: z.array(z.enum(names, { error })).default([]),
    json: z
      .string('received more than one, allowed is one file')
      .min(1, 'received nothing')
      .refine((file) => existsSync(dirname(file)), 'its folder does not exist')
      .optional(),
    'write-results': z.boolean(),
  });
}

function usage(message: string) {
  return usageError(message, 'npm run bench -- --help lists the flags.');
}
