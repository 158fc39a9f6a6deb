import { type JoinCost, mapJoin, measureJoin, mergeJoin } from './consistency-join.ts';
import { printTable } from './print.ts';
import { type Goal, type Row, rowOf } from './row.ts';
import { growthOf, type Section } from './section.ts';

const NAME = 'join';
const KEYS = [10_000, 100_000, 1_000_000];
const WARM_UP = 100_000;
const MOST_MEGABYTES = 50;
const MAP = 'all records in a map';

export const joinSection: Section = {
  name: NAME,
  about: "rate and memory of comparing a date's objects with its records",
  async run() {
    for (const pair of [mergeJoin, mapJoin]) await measureJoin(WARM_UP, pair);
    const merged: JoinCost[] = [];
    const mapped: JoinCost[] = [];
    for (const keys of KEYS) {
      merged.push(await measureJoin(keys, mergeJoin));
      mapped.push(await measureJoin(keys, mapJoin));
    }
    print(merged, mapped);
    const growth = (cost: string, costs: readonly JoinCost[], of: 'seconds' | 'liveMegabytes') =>
      growthOf(
        NAME,
        cost,
        'keys',
        costs.map((join) => ({ size: join.keys, cost: join[of] })),
      );
    return {
      rows: merged.flatMap((join, i) => rowsOf(join, mapped[i])),
      growth: [
        growth('merge-join: seconds', merged, 'seconds'),
        growth('merge-join: MB held', merged, 'liveMegabytes'),
        growth(`${MAP}: MB held`, mapped, 'liveMegabytes'),
      ],
    };
  },
};

function rowsOf(merged: JoinCost, mapped: JoinCost | undefined): Row[] {
  if (!mapped) return [];
  const size = { size: merged.keys, sizeUnit: 'keys on each side', baseline: MAP };
  return [
    rowOf(NAME, {
      ...size,
      name: 'merge-join, memory',
      value: merged.liveMegabytes,
      unit: 'MB held',
      baselineValue: mapped.liveMegabytes,
      goal: memoryGoal(merged),
    }),
    rowOf(NAME, {
      ...size,
      name: 'merge-join, rate',
      value: merged.keysPerSecond,
      unit: 'keys/s',
      baselineValue: mapped.keysPerSecond,
    }),
  ];
}

function memoryGoal({ lookups }: JoinCost): Goal {
  const because =
    `It holds the names that wait for their counterpart, up to 30,000 at a time: ${lookups.toLocaleString('en-US')} names ` +
    'sort differently in bucket and table.';
  return { of: 'value', bound: 'at most', limit: MOST_MEGABYTES, because };
}

function print(merged: readonly JoinCost[], mapped: readonly JoinCost[]): void {
  const line = (way: string) => (join: JoinCost) => [
    way,
    join.keys,
    Math.round(join.keysPerSecond),
    join.liveMegabytes.toFixed(1),
    join.lookups,
    join.seconds.toFixed(1),
  ];
  printTable(
    'Comparing a date: keys on each side',
    ['way', 'keys', 'keys/s', 'MB held', 'looked up one by one', 's'],
    [...merged.map(line('merge-join')), ...mapped.map(line(MAP))],
  );
}
