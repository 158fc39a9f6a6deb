import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { medianBy } from './numbers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A process that does nothing: the minimum cost of any other. */
export const BARE = 'node -e 0';

/** A command, started in one of the possible ways. */
export interface Start {
  readonly door: string;
  readonly asked: string;
  readonly line: string;
}

export interface StartCost extends Start {
  /** User and system time of the process and everything it started; the median of several runs. */
  readonly processorSeconds: number;
}

const ASKED = ['list', 'stats --help', 'stats'];

/** The ways to start a runbook from its file with this version of Node. */
const DOORS: Readonly<Record<string, (file: string) => string>> = {
  'npx tsx': (file) => `npx tsx runbooks/${file}`,
  'node --import tsx': (file) => `node --import tsx runbooks/${file}`,
  ...(stripsTypes() && { node: (file: string) => `node runbooks/${file}` }),
};

/** Measures all starts in turns, so that a busy moment of the machine does not affect only one. */
export function measureStarts(runs: number, environment: Readonly<Record<string, string>>): StartCost[] {
  const starts = allStarts();
  const env = { ...process.env, ...environment };
  // The first run of each fills caches: the bundle, and the code that tsx has compiled.
  for (const { line } of starts) processorSeconds(line, env);
  const rounds = Array.from({ length: runs }, () => starts.map(({ line }) => processorSeconds(line, env)));
  return starts.map((start, i) => ({
    ...start,
    processorSeconds: medianBy(
      rounds.map((round) => round[i] ?? 0),
      (seconds) => seconds,
    ),
  }));
}

function allStarts(): Start[] {
  const bundled = ASKED.map((asked) => ({
    door: 'runbooks/bin/runbook.mjs',
    asked,
    line: `runbooks/bin/runbook.mjs ${asked === 'list' ? '' : asked}`,
  }));
  const fromSources = Object.entries(DOORS).flatMap(([door, lineOf]) =>
    ASKED.map((asked) => ({
      door,
      asked,
      line: lineOf(asked === 'list' ? 'run.ts' : asked.replace('stats', 'stats.ts')),
    })),
  );
  return [{ door: BARE, asked: 'nothing', line: BARE }, ...fromSources, ...bundled];
}

function stripsTypes(): boolean {
  return 'typescript' in process.features && process.features.typescript !== false;
}

/** The last line of a shell's `times` has the time that its children used: `0m1.234s 0m0.056s`. */
function processorSeconds(line: string, env: NodeJS.ProcessEnv): number {
  const { stdout, stderr } = spawnSync('sh', ['-c', `${line} >&2 && times`], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
  });
  const used = [...(stdout.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  if (used.length === 0) throw new Error(`${line} failed: ${stderr.slice(-1_000)}`);
  return used.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}
