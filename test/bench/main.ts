import { startBenchSystem } from './bench-system.ts';
import { printTable } from './print.ts';
import { recordLife } from './recorded-life.ts';
import { seedFiles } from './seed-files.ts';
import { measureStatsReads, type StatsRead } from './stats-reads.ts';
import { measureTransitionCost, type TransitionCost, unfolded } from './transition-cost.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const system = await startBenchSystem();
try {
  printCosts(await transitionCosts(600));
  printReads(await statsReads([1_000, 10_000, 100_000]));
} finally {
  await system.stop();
}

async function transitionCosts(files: number): Promise<TransitionCost[]> {
  const records = await recordLife(await system.database(), files);
  const costs: TransitionCost[] = [];
  for (const batchSize of [10, 25, 50, 100, 200]) {
    costs.push(await measureTransitionCost(await system.database(), records, batchSize));
  }
  costs.push(
    await measureTransitionCost(await system.database(), unfolded(records), 50, 'none of a file together'),
  );
  return costs;
}

async function statsReads(sizes: readonly number[]): Promise<StatsRead[]> {
  const database = await system.database();
  const reads: StatsRead[] = [];
  let seeded = 0;
  for (const size of sizes) {
    await seedFiles(database, seeded, size - seeded);
    seeded = size;
    reads.push(...(await measureStatsReads(database, size)));
  }
  return reads;
}

function printCosts(costs: readonly TransitionCost[]): void {
  printTable(
    'Write units per transition, its timeline event and counters included (goal: at most 2.5 from 50 on)',
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

function printReads(reads: readonly StatsRead[]): void {
  printTable(
    'Counting all files by status (goal: one query of at most 1 read unit at any size)',
    ['files', 'way', 'counted', 'requests', 'read units', 'ms'],
    reads.map((read) => [
      read.files,
      read.way,
      read.counted,
      read.requests,
      read.readUnits,
      read.millis.toFixed(1),
    ]),
  );
}
