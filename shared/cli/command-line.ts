import yargs from 'yargs';
import * as z from 'zod';
import { usageError } from '../text/refused.ts';
import { VERSION } from '../text/version.ts';
import type { FlagShape } from './command.ts';
import {
  allowedText,
  checkedFlags,
  type Described,
  describeFlags,
  type FlagSchema,
  flagName,
  refuseUnknown,
  type Typed,
  valuesOf,
} from './flag-schema.ts';

/** A command line as its help text describes it: of a runbook, or of an npm script. */
export interface CommandLineSpec<S extends FlagShape, C extends FlagShape> {
  /** What stands before the flags: `npx tsx runbooks/stats.ts`, `npm start --`. */
  readonly script: string;
  readonly description: string;
  /** Described with `.describe()`; rules between flags with `.refine()`, its error beginning `allowed: `. */
  readonly flags: z.ZodObject<S>;
  /** Flags that it shares with other commands; checked on their own. */
  readonly common?: z.ZodObject<C>;
  /** The flag that one word without a flag stands for. */
  readonly positional?: keyof S & string;
  /** Flags as typed, and what they do. */
  readonly examples: readonly (readonly [flags: string, effect: string])[];
  /** Further lines for the end of the help text. */
  readonly more?: string;
}

/** What a command line asks for. */
export type CommandLine<S extends FlagShape, C extends FlagShape> =
  /** The help text, or the version: it is printed, and nothing is done. */
  | { readonly help: string }
  | {
      readonly help: undefined;
      readonly flags: z.output<z.ZodObject<S>>;
      readonly common: z.output<z.ZodObject<C>>;
    };

const WIDEST_HELP = 110;

/**
 * The one parser of command lines: yargs splits them and writes the help text, the schemas decide what is
 * allowed. A switch that is on by default is turned off by `--no-NAME`.
 *
 * @param columns the terminal's width, for the help text
 * @throws Refused naming the flag, what was received and what is allowed
 */
export async function parseCommandLine<S extends FlagShape, C extends FlagShape = Record<never, z.ZodType>>(
  spec: CommandLineSpec<S, C>,
  args: readonly string[],
  columns: number,
): Promise<CommandLine<S, C>> {
  const { script, positional, flags, common = z.object({}) as z.ZodObject<C> } = spec;
  const own = describeFlags(flags.shape);
  const shared = describeFlags(common.shape);
  const all = { ...own, ...shared };
  const { help, typed } = await split(spec, all, args, Math.min(columns, WIDEST_HELP));
  if (help) return { help };
  const seeHelp = `See: ${script} --help`;
  refuseUnknown(typed, all, positional, seeHelp);
  return {
    help: undefined,
    flags: checkedFlags(flags, own, valuesOf(typed, own, positional), seeHelp),
    common: checkedFlags(common, shared, valuesOf(typed, shared), seeHelp),
  };
}

async function split<S extends FlagShape, C extends FlagShape>(
  spec: CommandLineSpec<S, C>,
  described: Described,
  args: readonly string[],
  width: number,
): Promise<{ help: string; typed: Typed }> {
  const { script, description, positional } = spec;
  let help = '';
  const { $0: _script, ...typed } = await yargs([])
    .locale('en')
    .scriptName(script)
    .usage(`${script}${positional ? ` [${positional.toUpperCase()}]` : ''} [flags]\n\n${description}`)
    .options(Object.fromEntries(Object.entries(described).map(([flag, schema]) => option(flag, schema))))
    .group(['help', 'version'], lastGroup(described))
    .updateStrings({
      string: 'value',
      'Show help': 'Show this text',
      'Show version number': 'Show the version',
    })
    .parserConfiguration({
      'boolean-negation': Object.values(described).some(isOnByDefault),
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
    })
    .version(VERSION)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? usageError(message, `See: ${script} --help`);
    })
    .wrap(width)
    .parse([...args], {}, (_error, { version }, output) => {
      help =
        output && (version ? output : [output, examplesText(spec), spec.more].filter(Boolean).join('\n\n'));
    });
  return { help, typed: { ...typed, _: typed._.map(String) } };
}

/** Not left to yargs, which would break lines that are meant to be copied. */
function examplesText({
  script,
  examples,
}: Pick<CommandLineSpec<FlagShape, FlagShape>, 'script' | 'examples'>): string {
  const lines = examples.map(([given, effect]) => `  # ${effect}\n  ${script} ${given}`.trimEnd());
  return ['Examples:', ...lines].join('\n');
}

const OWN_GROUP = 'Flags:';

function lastGroup(described: Described): string {
  return Object.values(described).at(-1)?.group ?? OWN_GROUP;
}

function isOnByDefault({ type, default: usual }: FlagSchema): boolean {
  return type === 'boolean' && usual === true;
}

/** Everything but a switch is text to yargs, so that a message can show it as it was typed. */
function option(flag: string, schema: FlagSchema) {
  const isSwitch = schema.type === 'boolean';
  const words = [schema.description, isSwitch ? undefined : allowedText(schema)];
  const shownDefault = schema.default === undefined || isSwitch ? undefined : String(schema.default);
  return [
    flagName(flag),
    {
      type: isSwitch ? ('boolean' as const) : ('string' as const),
      describe: words.filter(Boolean).join(': '),
      group: schema.group ?? OWN_GROUP,
      ...(schema.alias && { alias: schema.alias }),
      ...(shownDefault && { defaultDescription: shownDefault }),
    },
  ] as const;
}
