import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadRunbook } from '../../runbooks/run.ts';
import { parseCommandLine } from '../../shared/cli/command-line.ts';
import { commonFlags } from '../../shared/cli/flags.ts';
import { environmentsIn } from '../../shared/cli/target.ts';
import { RUNBOOKS } from '../support/runbook.ts';
import { anchorsOf, codeIn, commandsIn, linksIn } from './markdown.ts';
import { completed, SAMPLE_WORDS } from './words.ts';

const commands = new Map(
  await Promise.all(RUNBOOKS.map(async (name) => [name, await loadRunbook(name)] as const)),
);

const COMMON = commonFlags(environmentsIn({}));
const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const TEXTS = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');

describe.each(TEXTS)('%s', (path) => {
  const text = read(path);

  test('links only to files and headings that exist', () => {
    const broken = linksIn(text).filter((link) => {
      const target = new URL(link, new URL(path, ROOT));
      const anchor = decodeURIComponent(target.hash.slice(1));
      target.hash = '';
      return !existsSync(target) || (anchor !== '' && !anchorsOf(readFileSync(target, 'utf8')).has(anchor));
    });
    expect(broken).toEqual([]);
  });

  test('names only npm scripts that exist', () => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('names only source files that exist', () => {
    const paths = codeIn(text).filter((code) =>
      /^(handlers|runbooks|shared|infra|test|docs)\/[\w./-]+$/.test(code),
    );
    expect(paths.filter((each) => !existsSync(new URL(each, ROOT)))).toEqual([]);
  });

  test('has only command lines that their runbooks accept', async () => {
    const problems = await Promise.all(runbookLines(text).map(problemOf));
    expect(problems.filter(Boolean)).toEqual([]);
  });
});

/** A command line of a runbook, with or without its folder. */
interface RunbookLine {
  readonly folder: string;
  readonly name: string;
  readonly args: string;
}

/** Those in code blocks and between backticks. */
function runbookLines(text: string): RunbookLine[] {
  return [...commandsIn(text), ...codeIn(text)].flatMap((code) =>
    [...code.matchAll(/(^|runbooks\/)([\w-]+)\.ts(?= |$)([^|<>#]*)/g)].map(
      ([, folder = '', name = '', args = '']) => ({ folder, name, args: args.trim() }),
    ),
  );
}

async function problemOf({ folder, name, args }: RunbookLine): Promise<string | undefined> {
  const [first = '', ...rest] = args.split(' ');
  // The first argument of run.ts is the name of another runbook.
  if (name === 'run')
    return first === '' || first === 'NAME' || first === '--completion'
      ? undefined
      : problemOf({ folder, name: first, args: rest.join(' ') });
  const command = commands.get(name);
  // A bare name may be that of another file, and NAME.ts is a placeholder.
  if (!command) return name === 'NAME' || (!folder && !args) ? undefined : `There is no runbook ${name}.ts.`;
  if (args === '') return undefined;
  const spec = { ...command, script: name, common: COMMON };
  return parseCommandLine(spec, wordsOf(completed(args, SAMPLE_WORDS)), 80).then(
    () => undefined,
    (error: unknown) => `${name}.ts ${args}: ${error}`,
  );
}

/** The words of a command line, without quotes. */
function wordsOf(line: string): string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? [];
  return words.map((word) => word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
}

test('the list of decisions by topic has each of them once', () => {
  const text = read('docs/decisions.md');
  const listed = linksIn(text).flatMap((link) => /^#(\d+-.*)$/.exec(link)?.[1] ?? []);
  expect(listed.sort()).toEqual([...anchorsOf(text)].filter((anchor) => /^\d/.test(anchor)).sort());
});
