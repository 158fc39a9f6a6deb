import { startBenchSystem } from './bench-system.ts';
import { type BundleCost, measureBundles } from './bundles.ts';
import { type JoinCost, measureJoin } from './consistency-join.ts';
import { printTable } from './print.ts';
import { measureReadOperations, type ReadCost } from './read-operations.ts';
import { recordLife } from './recorded-life.ts';
import { seedFiles } from './seed-files.ts';
import { measureTransitionCost, type TransitionCost, unfolded } from './transition-cost.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const system = await startBenchSystem();
try {
  printCosts(await transitionCosts(600));
  printReads(await readCosts([1_000, 10_000, 100_000]));
  printJoins([await measureJoin(10_000), await measureJoin(1_000_000)]);
  printBundles(measureBundles());
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

async function readCosts(sizes: readonly number[]): Promise<ReadCost[]> {
  const database = await system.database();
  const costs: ReadCost[] = [];
  let seeded = 0;
  for (const size of sizes) {
    await seedFiles(database, seeded, size - seeded);
    seeded = size;
    costs.push(...(await measureReadOperations(database, size)));
  }
  return costs;
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

function printReads(costs: readonly ReadCost[]): void {
  printTable(
    'Read operations, each beside the straightforward way on the same table',
    ['question', 'files', 'way', 'answered', 'complete', 'requests', 'read units', 'ms'],
    costs.map((cost) => [
      cost.question,
      cost.files,
      cost.way,
      cost.answered,
      cost.complete ? 'yes' : 'NO',
      cost.requests,
      cost.readUnits,
      cost.millis.toFixed(1),
    ]),
  );
}

function printJoins(joins: readonly JoinCost[]): void {
  printTable(
    'Comparing a date: keys on each side (goal: memory within 50 MB, the rate per key does not fall)',
    ['keys', 'keys/s', 'MB held', 'looked up one by one', 's'],
    joins.map((join) => [
      join.keys,
      Math.round(join.keysPerSecond),
      join.liveMegabytes.toFixed(1),
      join.lookups,
      join.seconds.toFixed(1),
    ]),
  );
}

function printBundles(bundles: readonly BundleCost[]): void {
  printTable(
    'Bundles as they are deployed, beside a bare SDK client',
    ['bundle', 'KB', 'KB zipped', 'import ms'],
    bundles.map((bundle) => [
      bundle.name,
      Math.round(bundle.kilobytes),
      Math.round(bundle.zippedKilobytes),
      bundle.importMillis.toFixed(0),
    ]),
  );
}
