import { readdirSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import type { Command, Invocation } from '../shared/cli/command.ts';
import { parseCommandLine } from '../shared/cli/command-line.ts';
import { runAsProcess } from '../shared/cli/entry.ts';
import { sinkOf } from '../shared/cli/output.ts';
import { runCommand } from '../shared/cli/run.ts';
import { environmentsIn } from '../shared/cli/target.ts';
import { EXIT, Refused, usageError } from '../shared/text/refused.ts';
import { padTo } from '../shared/text/width.ts';
import { completionScript, SHELLS } from './views/completion.ts';

const FOLDER = new URL('./', import.meta.url);
const SCRIPT = 'npx tsx runbooks/run.ts';
const COMMAND_LINE = {
  script: SCRIPT,
  description: `Lists the runbooks. ${SCRIPT} NAME [flags] runs one of them.`,
  flags: z.object({
    completion: z.enum(SHELLS).optional().describe('Print a script that completes commands in this shell'),
  }),
  examples: [
    ['', 'every runbook, with what it does'],
    ['stats --date today --env local', 'the same as npx tsx runbooks/stats.ts --date today --env local'],
    ['--completion bash > ~/.state-manager-completion', 'to be sourced in ~/.bashrc'],
  ],
} as const;

/** Lists all runbooks, or runs the one that is named first. @returns the exit code */
export async function runByName(invocation: Invocation): Promise<number> {
  const { argv, stderr } = invocation;
  const [name = '', ...rest] = argv;
  try {
    if (name === '' || name.startsWith('-')) return await print(await textFor(invocation), invocation);
    return await runCommand(await loadRunbook(name), { ...invocation, argv: rest });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    stderr.write(`${error.message}\n${error.commandHint}\n`);
    return error.exitCode;
  }
}

async function print(text: string, { stdout }: Invocation): Promise<number> {
  const sink = sinkOf(stdout);
  await sink.write(text);
  await sink.flush();
  return EXIT.done;
}

async function textFor({ argv, stdout, env }: Invocation): Promise<string> {
  const line = await parseCommandLine(COMMAND_LINE, argv, stdout.columns ?? 100);
  if (line.help !== undefined) return `${line.help}\n`;
  const { completion } = line.flags;
  if (completion === undefined) return listText();
  const commands = await Promise.all(listRunbooks().map(({ name }) => loadRunbook(name)));
  return completionScript(completion, commands, environmentsIn(env));
}

function listText(): string {
  const runbooks = listRunbooks();
  const width = Math.max(...runbooks.map(({ name }) => name.length));
  const lines = runbooks.map(({ name, description }) => `  ${padTo(name, width)}  ${description}`);
  return ['Runbooks:', ...lines, '', `To run one: ${SCRIPT} NAME [flags]. Its flags: NAME --help`, ''].join(
    '\n',
  );
}

/** Every runbook, by its file. Loading one loads the SDK, so its description is read from its text. */
export function listRunbooks(): { readonly name: string; readonly description: string }[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts') && file !== 'run.ts');
  return files.sort().map((file) => ({
    name: file.slice(0, -'.ts'.length),
    description: descriptionIn(readFileSync(new URL(file, FOLDER), 'utf8')),
  }));
}

function descriptionIn(source: string): string {
  const [, , description = ''] = /\n {2}description:\s*(['"`])([\s\S]*?)\1,\n/.exec(source) ?? [];
  return description;
}

/**
 * The command of a runbook's file.
 *
 * @throws Refused when there is no such runbook
 */
export async function loadRunbook(name: string): Promise<Command> {
  const names = listRunbooks().map((each) => each.name);
  if (!names.includes(name)) {
    throw usageError(`Received "${name}", allowed: ${names.join(', ')}.`, `To see what each does: ${SCRIPT}`);
  }
  const exported: Record<string, unknown> = await import(/* @vite-ignore */ `./${name}.ts`);
  const found = Object.values(exported).find((value): value is Command => isCommand(value, name));
  if (!found) throw new Error(`runbooks/${name}.ts exports no command of that name.`);
  return found;
}

function isCommand(value: unknown, name: string): boolean {
  return (
    typeof value === 'object' && value !== null && 'run' in value && 'name' in value && value.name === name
  );
}

await runAsProcess(import.meta, runByName);
