import yargs from 'yargs';
import type * as z from 'zod';
import { usageError } from '../text/refused.ts';
import type { Command, FlagShape } from './command.ts';
import { type CommonValues, commonFlags, GROUPS } from './common-flags.ts';
import {
  allowedText,
  checkedFlags,
  type Described,
  type FlagSchema,
  flagName,
  flagSchema,
  refuseUnknown,
  type Typed,
  valuesOf,
} from './flag-values.ts';

/** What a command line asks for. */
export type CommandLine<S extends FlagShape> =
  | { readonly help: string }
  | {
      readonly help: undefined;
      readonly flags: z.output<z.ZodObject<S>>;
      readonly common: CommonValues;
    };

const WIDEST_HELP = 110;

/**
 * Reads a command line: yargs splits it and writes the help text, the schemas decide what is allowed.
 *
 * @param columns the terminal's width, for the help text
 * @throws Refused naming the flag, what was received and what is allowed
 */
export async function readCommandLine<S extends FlagShape>(
  command: Command<S>,
  args: readonly string[],
  columns: number,
): Promise<CommandLine<S>> {
  const { name, positional } = command;
  const own = describe(command.flags.shape);
  const common = describe(commonFlags.shape);
  const all = { ...own, ...common };
  const { help, typed } = await split(command, all, args, Math.min(columns, WIDEST_HELP));
  if (help) return { help };
  const seeHelp = `See: npx tsx runbooks/${name}.ts --help`;
  refuseUnknown(typed, all, positional, seeHelp);
  return {
    help: undefined,
    flags: checkedFlags(command.flags, own, valuesOf(typed, own, positional), seeHelp),
    common: checkedFlags(commonFlags, common, valuesOf(typed, common), seeHelp),
  };
}

function describe(shape: FlagShape): Described {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, flagSchema(schema)]));
}

async function split<S extends FlagShape>(
  { name, description, examples, positional }: Command<S>,
  described: Described,
  args: readonly string[],
  width: number,
): Promise<{ help: string; typed: Typed }> {
  const script = `npx tsx runbooks/${name}.ts`;
  let help = '';
  const { $0: _script, ...typed } = await yargs([])
    .locale('en')
    .scriptName(script)
    .usage(`${script}${positional ? ` [${positional.toUpperCase()}]` : ''} [flags]\n\n${description}`)
    .options(Object.fromEntries(Object.entries(described).map(([flag, schema]) => option(flag, schema))))
    .group('help', GROUPS.other)
    .updateStrings({ string: 'value', 'Show help': 'Show this text' })
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
    })
    .version(false)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? usageError(message, `See: ${script} --help`);
    })
    .wrap(width)
    .parse([...args], {}, (_error, _typed, output) => {
      help = output && `${output}\n\n${examplesText(script, examples)}`;
    });
  return { help, typed: { ...typed, _: typed._.map(String) } };
}

/** Not left to yargs, which would break lines that are to be copied. */
function examplesText(script: string, examples: Command<FlagShape>['examples']): string {
  const lines = examples.map(([given, effect]) => `  # ${effect}\n  ${script} ${given}`.trimEnd());
  return ['Examples:', ...lines].join('\n');
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
      group: GROUPS[flag as keyof typeof GROUPS] ?? GROUPS.own,
      ...(schema.alias && { alias: schema.alias }),
      ...(shownDefault && { defaultDescription: shownDefault }),
    },
  ] as const;
}
