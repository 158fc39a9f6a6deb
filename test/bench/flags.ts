import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { parseCommandLine } from '../../shared/cli/command-line.ts';

/** What a run measures, and where it writes the figures. */
export interface BenchFlags {
  readonly large: boolean;
  /** Sections to run, in their usual order; all when empty. */
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly writeResults: boolean;
  readonly writeUnits: boolean;
}

/** Name and description of a section. */
type SectionText = { readonly name: string; readonly about: string };

/**
 * Reads the command line of `npm run bench`.
 *
 * @returns undefined if help was requested and printed
 * @throws Refused naming the flag, what was received and what is allowed
 */
export async function parseFlags(
  args: readonly string[],
  sections: readonly SectionText[],
): Promise<BenchFlags | undefined> {
  const line = await parseCommandLine(commandOf(sections), args, 110);
  if (line.help === undefined) return { json: undefined, ...line.flags };
  process.stdout.write(`${line.help}\n`);
  return undefined;
}

function commandOf(sections: readonly SectionText[]) {
  return {
    script: 'npm run bench --',
    description: 'Measures what the State Manager costs, compared with other ways to do the same',
    flags: z.object({
      only: z
        .array(z.enum(sections.map(({ name }) => name)))
        .default([])
        .describe('Run only these sections'),
      large: z
        .boolean()
        .default(false)
        .describe('Read from 300,000 files as well, and sweep and change a million'),
      json: z
        .string()
        .refine((file) => existsSync(dirname(file)), 'allowed: a file in a folder that exists')
        .min(1, 'allowed: a file in a folder that exists')
        .optional()
        .describe('Write all figures into this file'),
      writeUnits: z
        .boolean()
        .default(false)
        .describe('Write infra/measured-units.json, which `npm run costs` uses'),
      writeResults: z
        .boolean()
        .default(false)
        .describe(
          'Replace the measured sections in test/bench/RESULTS.md; only on an otherwise idle machine',
        ),
    }),
    examples: [
      ['--only folding --only join', 'two sections'],
      ['--only sweep --large --write-results', 'sweep a million files too, and keep the figures'],
    ],
    more: ['Sections:', ...sections.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`)].join('\n'),
  } as const;
}
