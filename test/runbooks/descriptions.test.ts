import { expect, test, vi } from 'vitest';
import type { Command, FlagShape } from '../../shared/cli/command.ts';
import { readCommandLine } from '../../shared/cli/command-line.ts';
import { RUNBOOKS } from '../support/runbook.ts';

const described = vi.hoisted(() => new Map<string, Command<FlagShape>>());
// A runbook's file describes it and runs it: here only the description is wanted.
vi.mock('../../shared/cli/run-command.ts', () => ({
  runCommand: (command: Command<FlagShape>) => Promise.resolve(described.set(command.name, command)),
}));

await Promise.all(RUNBOOKS.map((name) => import(`../../runbooks/${name}.ts`)));

test.each(RUNBOOKS)('%s is named like its file, and its help can be copied line by line', async (name) => {
  const { help } = await readCommandLine(commandOf(name), ['--help'], 80);
  const examples = help
    ?.split('Examples:\n')[1]
    ?.split('\n')
    .filter((line) => line.includes('npx tsx'));
  expect(examples?.[0]).toMatch(new RegExp(`^ {2}npx tsx runbooks/${name}\\.ts .*--env local`));
});

const EXAMPLES = RUNBOOKS.flatMap((name) =>
  commandOf(name).examples.map(([flags]): [string, string] => [name, flags]),
);

test.each(EXAMPLES)('%s %s is a command line that the runbook takes', async (name, flags) => {
  await expect(readCommandLine(commandOf(name), shellWords(flags), 80)).resolves.toHaveProperty('flags');
});

test.each(RUNBOOKS)('every flag of %s says what it is for', (name) => {
  const undescribed = Object.entries(commandOf(name).flags.shape).filter(
    ([, { description }]) => !description,
  );
  expect(undescribed).toEqual([]);
});

function commandOf(name: string): Command<FlagShape> {
  const command = described.get(name);
  if (!command) throw new Error(`runbooks/${name}.ts describes no runbook of that name`);
  return command;
}

/** The words before a pipe or a redirection, without their quotes. */
function shellWords(line: string): string[] {
  const [command = ''] = line.split(/ [|<>] /);
  const words = command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}
