import { withBenchSystem } from './bench-system.ts';
import { printTable } from './print.ts';
import { measureReadOperations, type ReadCost } from './read-operations.ts';
import { GET_STATS, LIMITED_LISTING } from './read-questions.ts';
import { type Goal, type Row, rowOf } from './row.ts';
import { type BenchRun, type Growth, growthOf, type Section } from './section.ts';
import { seedFiles, withoutStream } from './seed-files.ts';

const NAME = 'reads';
const SIZES = [1_000, 10_000, 100_000];
const LARGE = 300_000;
/** The goals apply from this many files on. */
const GOAL_FROM = 100_000;

export const readsSection: Section = {
  name: NAME,
  about: 'read units of get_stats and of listings, compared with paging the table and its index',
  async run(run: BenchRun) {
    const sizes = run.large ? [...SIZES, LARGE] : SIZES;
    const costs = await withBenchSystem(async (system) => {
      const database = await withoutStream(await system.database());
      const measured: ReadCost[] = [];
      for (const [i, size] of sizes.entries()) {
        const seeded = sizes[i - 1] ?? 0;
        await seedFiles(database, seeded, size - seeded);
        measured.push(...(await measureReadOperations(database, size)));
      }
      return measured;
    });
    print(costs);
    return { rows: [...besidePaging(costs), ...besideSmallest(costs)], growth: growthsOf(costs) };
  },
};

function besidePaging(costs: readonly ReadCost[]): Row[] {
  return costs
    .filter(({ way }) => way === 'operation')
    .map(({ question, files, readUnits }) => {
      const paging = costs.find((c) => c.way === 'paging' && c.question === question && c.files === files);
      const isGoal = question === GET_STATS && files >= GOAL_FROM;
      return rowOf(NAME, {
        ...measured(question, files, readUnits),
        baseline: 'paging the table or its index',
        baselineValue: paging?.readUnits ?? Number.NaN,
        ...(isGoal && { goal: atMost(0.001, 'Statistics take one query of the counter items.') }),
      });
    });
}

/** Whether statistics cost the same for any number of files. */
function besideSmallest(costs: readonly ReadCost[]): Row[] {
  const [smallest, ...larger] = costs.filter(
    ({ way, question }) => way === 'operation' && question === GET_STATS,
  );
  if (!smallest) return [];
  return larger.map(({ question, files, readUnits }) =>
    rowOf(NAME, {
      ...measured(question, files, readUnits),
      baseline: `the same at ${smallest.files.toLocaleString('en-US')} files`,
      baselineValue: smallest.readUnits,
      ...(files >= GOAL_FROM && {
        goal: atMost(1, 'The number of counter items does not depend on the number of files.'),
      }),
    }),
  );
}

function measured(name: string, size: number, value: number) {
  return { name, size, sizeUnit: 'files', value, unit: 'read units' };
}

function atMost(limit: number, because: string): Goal {
  return { of: 'ratio', bound: 'at most', limit, because };
}

function growthsOf(costs: readonly ReadCost[]): Growth[] {
  const kinds = new Map(costs.map(({ question, way }) => [`${question}, ${way}`, { question, way }]));
  return [...kinds.values()]
    .filter(({ question, way }) => way !== 'onePage' && question !== LIMITED_LISTING)
    .map(({ question, way }) => {
      const points = costs
        .filter((cost) => cost.question === question && cost.way === way)
        .map(({ files, readUnits }) => ({ size: files, cost: readUnits }));
      const by = way === 'paging' ? `${question}, by paging` : question;
      return growthOf(NAME, `${by}: read units`, 'files', points);
    });
}

const WAY_TEXT = { operation: 'operation', paging: 'paging to the end', onePage: 'one page' };

function print(costs: readonly ReadCost[]): void {
  printTable(
    'Read operations, each compared with a script on the same table',
    ['question', 'files', 'way', 'answered', 'complete', 'requests', 'read units', 'ms'],
    costs.map((cost) => [
      cost.question,
      cost.files,
      WAY_TEXT[cost.way],
      cost.answered,
      cost.complete ? 'yes' : 'NO',
      cost.requests,
      cost.readUnits,
      cost.millis.toFixed(1),
    ]),
  );
}
