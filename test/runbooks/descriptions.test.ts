import { expect, test } from 'vitest';
import { listRunbooks, loadRunbook } from '../../runbooks/run.ts';
import type { Command } from '../../shared/cli/command.ts';
import { parseCommandLine } from '../../shared/cli/command-line.ts';
import { commonFlags } from '../../shared/cli/flags.ts';
import { RUNBOOKS } from '../support/runbook.ts';

const COMMON = commonFlags(['local', 'dev']);
const commands = new Map(
  await Promise.all(RUNBOOKS.map(async (name) => [name, await loadRunbook(name)] as const)),
);

test.each(RUNBOOKS)('%s is named like its file, and its help can be copied line by line', async (name) => {
  const { help } = await read(commandOf(name), ['--help']);
  const examples = help
    ?.split('Examples:\n')[1]
    ?.split('\n')
    .filter((line) => line.includes('npx tsx'));
  expect(examples?.[0]).toMatch(new RegExp(`^ {2}npx tsx runbooks/${name}\\.ts .*--env local`));
});

const EXAMPLES = RUNBOOKS.flatMap((name) =>
  commandOf(name).examples.map(([flags]): [string, string] => [name, flags]),
);

test.each(EXAMPLES)('%s %s is a valid command line of the runbook', async (name, flags) => {
  await expect(read(commandOf(name), shellWords(flags))).resolves.toHaveProperty('flags');
});

test.each(RUNBOOKS)('every flag of %s says what it is for', (name) => {
  const { shape } = commandOf(name).flags;
  const undescribed = Object.entries(shape).filter(([, { description }]) => !description);
  expect(undescribed).toEqual([]);
});

test('the list describes each runbook as its command does, in one line without a full stop', () => {
  for (const { name, description } of listRunbooks()) {
    expect(description).toBe(commandOf(name).description);
    expect(description).toMatch(/^[A-Z].*[^.\s]$/);
  }
});

test.each(RUNBOOKS)('the texts of the flags of %s are in the house style', (name) => {
  const texts = Object.values({ ...commandOf(name).flags.shape, ...COMMON.shape });
  for (const { description } of texts) expect(description).toMatch(/^[A-Z-].*[^.:\s]$/);
});

function commandOf(name: string): Command {
  const command = commands.get(name);
  if (!command) throw new Error(`runbooks/${name}.ts has no command of that name`);
  return command;
}

function read(command: Command, args: readonly string[]) {
  const script = `npx tsx runbooks/${command.name}.ts`;
  return parseCommandLine({ ...command, script, common: COMMON }, args, 80);
}

/** The words before a pipe or a redirection, without their quotes. */
function shellWords(line: string): string[] {
  const [command = ''] = line.split(/ [|<>] /);
  const words = command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}
