import { withBenchSystem } from './bench-system.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import type { BenchRun, Section } from './section.ts';
import type { ItemKind } from './transaction-meter.ts';
import { measureTransitionCost, type TransitionCost, unfolded } from './transition-cost.ts';

const NAME = 'counters';
const UNIT = 'write units per transition';
const BATCH_SIZES = [1, 10, 50, 200];
const ADDED: readonly ItemKind[] = ['ages', 'durations', 'sizes'];
/** The batch size of the goal, with no two records of one file, and how much more the kinds that are on by default may cost. */
const GOAL_AT = 50;
const MOST_ADDED = 1.1;

/** Each kind has its own items, so its cost is the cost of these; the other items are the baseline of the same run. */
export const countersSection: Section = {
  name: NAME,
  about: 'write units per transition added by each kind of counter, by batch size',
  async run(run: BenchRun) {
    const records = await run.lives();
    const costs = await withBenchSystem(async (system) => {
      const measured: TransitionCost[] = [];
      for (const size of BATCH_SIZES) {
        measured.push(
          await measureTransitionCost(await system.database(), records, size, 'as streamed', undefined, true),
        );
      }
      const apart = unfolded(records);
      const order = 'none of a file together';
      measured.push(
        await measureTransitionCost(await system.database(), apart, GOAL_AT, order, undefined, true),
      );
      return measured;
    });
    print(costs);
    return { rows: costs.flatMap(rowsFor), growth: [] };
  },
};

function rowsFor(cost: TransitionCost): Row[] {
  const { batchSize, order, transitions, unitsOf, writeUnits } = cost;
  const without = writeUnits - ADDED.reduce((sum, kind) => sum + unitsOf[kind], 0);
  const name = order === 'as streamed' ? '' : `, ${order}`;
  const because = `${cost.cancelled} of ${cost.transactions} transactions were cancelled but still paid for.`;
  const row = (what: string, units: number, isOn: boolean) =>
    rowOf(NAME, {
      name: `${what}${name}`,
      size: batchSize,
      sizeUnit: 'records a batch',
      value: (without + units) / transitions,
      unit: UNIT,
      baseline: 'with counts of statuses alone',
      baselineValue: without / transitions,
      ...(isOn &&
        name !== '' && {
          goal: { of: 'ratio', bound: 'at most', limit: MOST_ADDED, because } as const,
        }),
    });
  return [
    ...ADDED.map((kind) => row(`with ${kind}`, unitsOf[kind], kind === 'ages')),
    row('with all kinds', writeUnits - without, false),
  ];
}

function print(costs: readonly TransitionCost[]): void {
  const kinds: readonly ItemKind[] = ['heads', 'statuses', ...ADDED];
  printTable(
    'Write units per transition, by kind of item',
    ['batch', 'order', 'transactions', ...kinds, 'total'],
    costs.map(({ batchSize, order, transactions, transitions, unitsOf, writeUnits }) => [
      batchSize,
      order,
      transactions,
      ...kinds.map((kind) => (unitsOf[kind] / transitions).toFixed(3)),
      (writeUnits / transitions).toFixed(3),
    ]),
  );
}
