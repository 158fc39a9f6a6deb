/** @module-tag long */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pMap from 'p-map';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scanRaw } from '../support/changes.ts';
import { freePorts } from '../support/free-ports.ts';
import { statusChanges, unmarkedBut } from './compare.ts';
import { handbookSections } from './handbook.ts';
import { type FedSystem, removeRecords, startFedSystem, wrongCounts } from './local-system.ts';
import { commandsIn, partOf, type Section } from './markdown.ts';
import { hasAwsCli, openShell, type Shell } from './shell.ts';
import { SITUATIONS, type Situation } from './situations.ts';
import { storedAttributes, undocumented } from './stored-items.ts';
import { type Troubles, troublesOf } from './troubles.ts';
import { completed } from './words.ts';

const { preface, sections } = handbookSections();
const architecture = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8');

const logs = mkdtempSync(join(tmpdir(), 'state-manager-'));
let fed: FedSystem;
let fedRecords: ReadonlySet<string>;
let troubles: Troubles;
let shell: Shell;

beforeAll(async () => {
  const port = await freePorts(3);
  fed = await startFedSystem(port, logs);
  fedRecords = new Set(Object.keys(await scanRaw(fed.aws)));
  troubles = troublesOf(fed);
  // The AWS CLI is not part of the project: if it is not installed, something replaces it.
  const standIns = (await hasAwsCli()) ? ['npx'] : ['npx', 'aws'];
  shell = await openShell(commandsIn(preface), fed.variables, port, standIns);
});

afterAll(async () => {
  shell?.close();
  await fed?.system.stop();
  rmSync(logs, { recursive: true });
});

test.each(sections)(
  '$heading: every command works as written, and changes only what it should',
  async (section) => {
    const { aws } = fed;
    const situation: Situation = (await SITUATIONS[section.heading]?.(troubles, fed)) ?? {};
    const said: string[] = [];
    const run = async (command: string) => said.push(await succeed(command, situation, said));
    await fed.system.stream.idle();
    const before = await scanRaw(aws);
    const wrong = await wrongCounts(fed);
    expect(wrong.length > 0, `${wrong}`).toBe(situation.isMiscounted ?? false);

    await pMap(unknownYet(commandsOf(section, 'Look')), run, { concurrency: 2 });
    expect(statusChanges(before, await scanRaw(aws))).toEqual({});

    for (const command of commandsOf(section, 'Do')) await run(command);
    expect(statusChanges(before, await scanRaw(aws))).toEqual(situation.done ?? {});
    await situation.check?.();
    await fed.system.stream.idle();
    expect(await wrongCounts(fed)).toEqual([]);

    for (const command of commandsOf(section, 'Undo')) await run(command);
    const { original = before, kept = [] } = situation;
    if (commandsOf(section, 'Undo').some((command) => command.includes('--apply'))) {
      expect(unmarkedBut(kept, await scanRaw(aws))).toEqual(unmarkedBut(kept, original));
    }
    await removeRecords(fed, (name) => !fedRecords.has(name));
  },
);

test('everything that these commands have stored is in the data model of docs/architecture.md', async () => {
  expect(undocumented(architecture, await storedAttributes(fed.aws))).toEqual([]);
});

function commandsOf(section: Section, label: string): string[] {
  return commandsIn(partOf(section, label) ?? '');
}

const looked = new Set<string>();

/** Commands that several sections have under "Look" are run once. */
function unknownYet(commands: readonly string[]): string[] {
  const unknown = commands.filter((command) => !looked.has(command));
  for (const command of unknown) looked.add(command);
  return unknown;
}

/** Runs a command as a person does who fills in the placeholders and confirms. @returns its output */
async function succeed(command: string, { words = {} }: Situation, said: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await shell.run(completed(command, words, said.join('')));
  const failed = code !== 0 || /"FunctionError"|"errorType"|"statusCode":4/.test(stdout);
  if (failed) throw new Error(`${command}\nended with ${code}:\n${stderr}\n${stdout}`);
  return `${stdout}\n${stderr}\n`;
}
