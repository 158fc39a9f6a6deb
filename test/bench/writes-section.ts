import { formerWriter } from '../support/former-writer.ts';
import { withBenchSystem } from './bench-system.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import { type BenchRun, growthOf, type Section } from './section.ts';
import { measureNaiveCost, measureTransitionCost, type TransitionCost, unfolded } from './transition-cost.ts';

const NAME = 'writes';
const UNIT = 'write units per transition';
const BATCH_SIZES = [1, 2, 5, 10, 50, 200];
const UNFOLDED_BATCH = 50;
/** The goal applies from this many records a batch on. */
const GOAL_FROM = 50;
const MOST_UNITS = 2.5;
const FORMER = 'transactions of 25 heads';

export const writesSection: Section = {
  name: NAME,
  about: 'write units per transition by batch size, compared with a naive consumer',
  async run(run: BenchRun) {
    const records = await run.lives();
    const { costs, former, naive } = await withBenchSystem(async (system) => {
      const measured: TransitionCost[] = [];
      for (const size of BATCH_SIZES) {
        measured.push(await measureTransitionCost(await system.database(), records, size));
      }
      const apart = unfolded(records);
      const database = await system.database();
      measured.push(await measureTransitionCost(database, apart, UNFOLDED_BATCH, 'none of a file together'));
      const former: TransitionCost[] = [];
      for (const size of BATCH_SIZES.filter((batch) => batch >= GOAL_FROM)) {
        const writer = formerWriter(Math.random);
        former.push(await measureTransitionCost(await system.database(), records, size, FORMER, writer));
      }
      return { costs: measured, former, naive: await measureNaiveCost(await system.database(), records) };
    });
    print([...costs, ...former]);
    const streamed = costs.filter(({ order }) => order === 'as streamed');
    const points = streamed.map(({ batchSize, unitsPerTransition }) => ({
      size: batchSize,
      cost: unitsPerTransition,
    }));
    return {
      rows: [
        ...costs.map((cost) => rowFor(cost, naive)),
        ...former.flatMap((cost) => besideFormer(cost, streamed)),
      ],
      growth: [growthOf(NAME, `consumer: ${UNIT}`, 'records a batch', points)],
    };
  },
};

function rowFor({ batchSize, order, unitsPerTransition, ...cost }: TransitionCost, naive: number): Row {
  const because =
    `${cost.transitions} transitions took ${cost.transactions} transactions, of which ${cost.cancelled} were ` +
    'cancelled but still paid for; each pays two units for every item, including its two counters.';
  return rowOf(NAME, {
    name: order === 'as streamed' ? 'stream consumer' : `stream consumer, ${order}`,
    size: batchSize,
    sizeUnit: 'records a batch',
    value: unitsPerTransition,
    unit: UNIT,
    baseline: 'naive: an ADD on two counters and an event item',
    baselineValue: naive,
    ...(batchSize >= GOAL_FROM && {
      goal: { of: 'value', bound: 'at most', limit: MOST_UNITS, because } as const,
    }),
  });
}

/** The goal is not to cost more than the former transactions of 25 heads, on the same records. */
function besideFormer(former: TransitionCost, streamed: readonly TransitionCost[]): Row[] {
  const present = streamed.find(({ batchSize }) => batchSize === former.batchSize);
  if (!present) return [];
  const because = `${present.cancelled} of ${present.transactions} transactions were cancelled.`;
  return [
    rowOf(NAME, {
      name: 'stream consumer',
      size: former.batchSize,
      sizeUnit: 'records a batch',
      value: present.unitsPerTransition,
      unit: UNIT,
      baseline: FORMER,
      baselineValue: former.unitsPerTransition,
      goal: { of: 'ratio', bound: 'at most', limit: 1, because },
    }),
  ];
}

function print(costs: readonly TransitionCost[]): void {
  printTable(
    'Write units per transition, its timeline event and counters included',
    [
      'batch',
      'order',
      'records',
      'transitions',
      'transactions',
      'cancelled',
      'write units',
      'per transition',
    ],
    costs.map((cost) => [
      cost.batchSize,
      cost.order,
      cost.records,
      cost.transitions,
      cost.transactions,
      cost.cancelled,
      cost.writeUnits,
      cost.unitsPerTransition.toFixed(2),
    ]),
  );
}
