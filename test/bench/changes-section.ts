import { withBenchSystem } from './bench-system.ts';
import { measureChange, type PlannedChange } from './planned-change.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import { type BenchRun, growthOf, type Section } from './section.ts';
import { withoutStream } from './seed-files.ts';

const NAME = 'changes';
const SIZES = [10_000, 100_000];
const LARGE = 1_000_000;
const MOST_MEGABYTES = 100;

export const changesSection: Section = {
  name: NAME,
  about: 'rate and memory of a change of many files, planned and applied in runs that are killed at random',
  async run({ large }: BenchRun) {
    const measured: PlannedChange[] = [];
    for (const files of large ? [...SIZES, LARGE] : SIZES) {
      const measure = async (system: Parameters<Parameters<typeof withBenchSystem>[0]>[0]) =>
        measureChange(await withoutStream(await system.database()), files);
      measured.push(await withBenchSystem(measure));
    }
    print(measured);
    const growth = (cost: string, costOf: (change: PlannedChange) => number) =>
      growthOf(
        NAME,
        cost,
        'files',
        measured.map((change) => ({ size: change.files, cost: costOf(change) })),
      );
    return {
      rows: measured.map(rowOfChange),
      growth: [
        growth('planning: seconds', ({ planSeconds }) => planSeconds),
        growth('applying: seconds', ({ applySeconds }) => applySeconds),
      ],
    };
  },
};

function rowOfChange({ files, heldMegabytes, listMegabytes, kills }: PlannedChange): Row {
  return rowOf(NAME, {
    name: 'plan and apply, memory',
    ...{ size: files, sizeUnit: 'files', value: heldMegabytes, unit: 'MB held' },
    ...{ baseline: 'all entries of the plan in a list', baselineValue: listMegabytes },
    goal: {
      of: 'value',
      bound: 'at most',
      limit: MOST_MEGABYTES,
      because: `It holds a part of the plan and a page of files in memory, and was killed ${kills} times.`,
    },
  });
}

function print(measured: readonly PlannedChange[]): void {
  printTable(
    'A change of many files, killed at random and finished',
    ['files', 'planned/s', 'applied/s', 'killed', 'MB held', 'MB as a list'],
    measured.map(({ files, planSeconds, applySeconds, kills, heldMegabytes, listMegabytes }) => [
      files,
      Math.round(files / planSeconds),
      Math.round(files / applySeconds),
      kills,
      heldMegabytes.toFixed(1),
      listMegabytes.toFixed(1),
    ]),
  );
}
