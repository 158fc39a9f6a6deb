import { DOCUMENTED } from '../engine/capacity.ts';
import { measureRush, type Rush, type RushCost } from './contention.ts';
import { shownNumber } from './numbers.ts';
import { printTable } from './print.ts';
import { type Goal, type Row, rowOf } from './row.ts';
import { type BenchRun, growthOf, type Section } from './section.ts';

const NAME = 'contention';
/** Seconds of virtual time; fewer for many consumers, because each of their transitions takes real computing time. */
const SECONDS: Readonly<Record<number, number>> = { 1: 8, 4: 8, 16: 4, 64: 3 };
const CONSUMERS = [1, 4, 16, 64];
const BATCH = 200;
const ENDLESS = { write: Number.POSITIVE_INFINITY, read: Number.POSITIVE_INFINITY };

/** The results for one number of consumers or one batch size: this design, the same without conflicts, and the former design. */
interface Trial {
  readonly consumers: number;
  readonly batchSize: number;
  readonly present: RushCost;
  readonly free: RushCost;
  readonly former: RushCost;
  readonly unsplit: RushCost;
}

/** All consumers start at once on an empty table, so the writers still have to find their slots. */
export const contentionSection: Section = {
  name: NAME,
  about:
    '1 to 64 consumers of one date under the rules of the real DynamoDB, compared with the former design',
  async run(_: BenchRun) {
    const trials: Trial[] = [];
    for (const consumers of CONSUMERS) trials.push(await tryOut(consumers, BATCH));
    const small = await tryOut(1, 50);
    print([...trials, small]);
    const points = trials.map(({ consumers, present }) => ({ size: consumers, cost: rateOf(present) }));
    return {
      rows: [...trials.flatMap(rowsOf), ...[small, ...trials.slice(0, 1)].map(unitsRow)],
      growth: [growthOf(NAME, 'transitions/s under the rules of conflicts', 'consumers', points)],
    };
  },
};

async function tryOut(consumers: number, batchSize: number): Promise<Trial> {
  const seconds = SECONDS[consumers] ?? 1;
  const rush: Rush = { design: 'present', consumers, batchSize, seconds, conflicts: true, seed: 1 };
  return {
    consumers,
    batchSize,
    present: await measureRush(rush),
    free: await measureRush({ ...rush, conflicts: false }),
    former: await measureRush({ ...rush, design: 'former' }),
    unsplit: await measureRush({ ...rush, capacity: COUNTERS_UNSPLIT }),
  };
}

/** The heads have been split for heat, the counters have not, and no burst capacity is saved. */
const COUNTERS_UNSPLIT = {
  ...DOCUMENTED,
  burstSeconds: 1,
  savedSeconds: 1,
  table: ENDLESS,
  account: ENDLESS,
  rangeOf: ({ partition, item }: { readonly partition: string; readonly item: string }) =>
    partition.includes('STATS#') ? partition : item,
};

function rateOf({ transitions, rush }: RushCost): number {
  return transitions / rush.seconds;
}

function cancelledShare({ cancelled, sent }: RushCost): number {
  return (100 * cancelled) / sent;
}

function rowsOf({ consumers, present, free, former, unsplit }: Trial): Row[] {
  const because = `${shownNumber(present.cancelled)} of ${shownNumber(present.sent)} transactions were cancelled.`;
  const goal = (of: Goal['of'], bound: Goal['bound'], limit: number): Goal => ({ of, bound, limit, because });
  const row = (name: string, unit: string, value: number, baselineValue: number, wanted?: Goal) =>
    rowOf(NAME, {
      name,
      size: consumers,
      sizeUnit: 'consumers',
      value,
      unit,
      baseline: 'the former design',
      baselineValue,
      ...(wanted && { goal: wanted }),
    });
  return [
    rowOf(NAME, {
      ...row('all together', 'transitions/s', rateOf(present), rateOf(free), goal('ratio', 'at least', 0.9)),
      baseline: 'the same without conflicts',
    }),
    row('all together', 'transitions/s', rateOf(present), rateOf(former)),
    row(
      'cancelled',
      'of 100 transactions sent',
      cancelledShare(present),
      cancelledShare(former),
      goal('value', 'at most', consumers === 1 ? 0 : 5),
    ),
    row(
      'came back unapplied',
      'transitions',
      present.unapplied,
      former.unapplied,
      goal('value', 'at most', 0),
    ),
    row('p99 of a batch', 'ms', present.p99, former.p99),
    rowOf(NAME, {
      ...row("the counters' partition not yet split", 'transitions/s', rateOf(unsplit), rateOf(present)),
      baseline: 'without limits',
    }),
  ];
}

function unitsRow({ batchSize, present, former }: Trial): Row {
  const units = ({ writeUnits, transitions }: RushCost) => writeUnits / transitions;
  return rowOf(NAME, {
    name: 'first writes of one consumer',
    size: batchSize,
    sizeUnit: 'records a batch',
    value: units(present),
    unit: 'write units per transition',
    baseline: 'the former design',
    baselineValue: units(former),
    goal: {
      of: 'ratio',
      bound: 'at most',
      limit: 1,
      because: 'The counters cost each transaction four units.',
    },
  });
}

const HEAD = [
  'consumers',
  'batch',
  'design',
  'transitions/s',
  'sent',
  'cancelled',
  'throttled',
  'unapplied',
  'p99 ms',
  'units per transition',
  'slots',
];

function print(trials: readonly Trial[]): void {
  const cells = (name: string, cost: RushCost) => [
    cost.rush.consumers,
    cost.rush.batchSize,
    name,
    Math.round(rateOf(cost)),
    cost.sent,
    `${cancelledShare(cost).toFixed(1)}%`,
    cost.throttled,
    cost.unapplied,
    Math.round(cost.p99),
    (cost.writeUnits / cost.transitions).toFixed(2),
    cost.slots,
  ];
  printTable(
    'Consumers of one date, in virtual time and with assumed latencies (test/engine)',
    HEAD,
    trials.flatMap(({ present, free, former, unsplit }) => [
      cells('present', present),
      cells('present, without conflicts', free),
      cells('former', former),
      cells("present, counters' partition not split", unsplit),
    ]),
  );
}
