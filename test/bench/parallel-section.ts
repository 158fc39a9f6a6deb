import { withBenchSystem } from './bench-system.ts';
import { copies, shardsOf } from './copies.ts';
import { medianBy } from './numbers.ts';
import { measureParallel, type ParallelCost } from './parallel.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import { type BenchRun, growthOf, type Section } from './section.ts';

const NAME = 'parallel';
const CONSUMERS = [1, 2, 4, 8];
const SHARDS = 8;
const COPIES = 4;
const ROUNDS = 3;

/**
 * The first round warms up the engine and is not counted. A shard has the records of few files, so more of them
 * fold in a batch than if one consumer has them all: compare these rates only with each other.
 */
export const parallelSection: Section = {
  name: NAME,
  about: '1 to 8 consumers in parallel, each with its own shards',
  async run(run: BenchRun) {
    const shards = shardsOf(copies(await run.lives(), COPIES), SHARDS);
    const measured = await withBenchSystem(async (system) => {
      const costs: ParallelCost[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        for (const consumers of CONSUMERS) {
          const cost = await measureParallel(await system.database(), shards, consumers);
          if (round > 0) costs.push(cost);
        }
      }
      return costs;
    });
    const typical = CONSUMERS.map((count) =>
      medianBy(
        measured.filter(({ consumers }) => consumers === count),
        rateOf,
      ),
    );
    print(typical);
    const points = typical.map((cost) => ({ size: cost.consumers, cost: rateOf(cost) }));
    return {
      rows: rowsOf(typical),
      growth: [growthOf(NAME, 'consumers: transitions/s of all together', 'consumers', points)],
    };
  },
};

function rateOf({ transitions, seconds }: ParallelCost): number {
  return transitions / seconds;
}

function rowsOf(typical: readonly ParallelCost[]): Row[] {
  const [one] = typical;
  if (!one) return [];
  return typical.flatMap((cost) => {
    const size = { size: cost.consumers, sizeUnit: 'consumers' };
    const speed = rowOf(NAME, {
      ...size,
      name: 'all together',
      value: rateOf(cost),
      unit: 'transitions/s',
      baseline: 'one consumer',
      baselineValue: rateOf(one),
    });
    const contention = rowOf(NAME, {
      ...size,
      name: 'cancelled transactions',
      value: cost.cancelled,
      unit: 'transactions',
      baseline: 'under way together on one counter item',
      baselineValue: cost.met,
    });
    return cost === one ? [] : [speed, contention];
  });
}

function print(costs: readonly ParallelCost[]): void {
  printTable(
    'Parallel consumers, on 8 shards of the same dates (the median of 3 rounds)',
    ['consumers', 'transitions', 's', 'transitions/s', 'transactions', 'cancelled', 'met on a counter item'],
    costs.map((cost) => [
      cost.consumers,
      cost.transitions,
      cost.seconds.toFixed(2),
      Math.round(rateOf(cost)),
      cost.transactions,
      cost.cancelled,
      cost.met,
    ]),
  );
}
