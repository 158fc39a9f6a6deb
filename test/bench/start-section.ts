import { withBenchSystem } from './bench-system.ts';
import { printTable } from './print.ts';
import { type Goal, type Row, rowOf } from './row.ts';
import type { Section } from './section.ts';
import { BARE, measureStarts, type StartCost } from './start.ts';

const NAME = 'start';
const RUNS = 7;

/**
 * With `npx tsx`, help once took 23 times as long as a bare Node, and `stats` 24 times: the goals are a third and
 * a half of that.
 */
const LIMITS: Readonly<Record<string, number>> = { 'stats --help': 7.7, stats: 12 };

export const startSection: Section = {
  name: NAME,
  about: 'processor time of starting a runbook in each way, compared with a bare node',
  async run() {
    const costs = await withBenchSystem(async (system) => {
      const { dynamoDb } = await system.database();
      return measureStarts(RUNS, await system.environmentOf(dynamoDb));
    });
    const bare = costs.find(({ door }) => door === BARE);
    if (!bare) return { rows: [], growth: [] };
    print(costs, bare);
    return { rows: costs.filter((cost) => cost !== bare).map((cost) => row(cost, bare)), growth: [] };
  },
};

function row({ door, asked, processorSeconds }: StartCost, bare: StartCost): Row {
  const goal = door === 'runbooks/bin/runbook.mjs' ? goalOf(asked) : undefined;
  return rowOf(NAME, {
    name: `${asked} by ${door}`,
    size: RUNS,
    sizeUnit: 'starts',
    value: processorSeconds,
    unit: 's of processor time',
    baseline: BARE,
    baselineValue: bare.processorSeconds,
    ...(goal && { goal }),
  });
}

function goalOf(asked: string): Goal | undefined {
  const limit = LIMITS[asked];
  if (limit === undefined) return undefined;
  return {
    of: 'ratio',
    bound: 'at most',
    limit,
    because: 'It loads more than the command uses, or loads it from more files.',
  };
}

function print(costs: readonly StartCost[], bare: StartCost): void {
  printTable(
    'Starting a runbook: processor seconds of all processes',
    ['asked', 'by', 'seconds', 'times a bare node'],
    costs.map(({ asked, door, processorSeconds }) => [
      asked,
      door,
      processorSeconds.toFixed(2),
      (processorSeconds / bare.processorSeconds).toFixed(1),
    ]),
  );
}
