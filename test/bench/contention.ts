import { createRandom } from '../../infra/simulator/random.ts';
import type { Table } from '../../shared/aws/deps.ts';
import { type FoldTask, foldTask, type Outcome } from '../../shared/projection/advance.ts';
import { type ApplyDeps, applyTasks } from '../../shared/projection/apply.ts';
import { createWriter } from '../../shared/projection/writer.ts';
import type { CapacityRules } from '../engine/capacity.ts';
import { createEngine } from '../engine/engine.ts';
import { assumedLatency } from '../engine/latency.ts';
import { createMemoryTable } from '../engine/memory-table.ts';
import { createVirtualTime } from '../engine/virtual-time.ts';
import { PROJECTION_TABLE } from './bench-system.ts';
import { formerApply } from './former-apply.ts';

/** What is measured: consumers of one date that always have a batch to apply. */
export interface Rush {
  readonly design: 'former' | 'present';
  readonly consumers: number;
  readonly batchSize: number;
  /** Of virtual time. */
  readonly seconds: number;
  readonly conflicts: boolean;
  readonly capacity?: CapacityRules | undefined;
  readonly seed: number;
}

/** The results of a rush. */
export interface RushCost {
  readonly rush: Rush;
  readonly transitions: number;
  readonly sent: number;
  readonly cancelled: number;
  readonly throttled: number;
  /** Transitions that were returned unapplied, to be delivered again. */
  readonly unapplied: number;
  /** Milliseconds of a batch (p99), with all its deliveries. */
  readonly p99: number;
  readonly writeUnits: number;
  /** How many items the counters of everything have at the end. */
  readonly slots: number;
}

const BEGIN = Date.parse('2026-11-23T06:00:00Z');
const DATE = '2026-11-23';

/**
 * Lets consumers work for a while in virtual time, on a table in memory that follows the rules of the real one, and checks
 * that counters and heads agree in the end. Computing is assumed to take no time, and the latencies are assumptions too.
 */
export async function measureRush(rush: Rush): Promise<RushCost> {
  const random = createRandom(rush.seed);
  const time = createVirtualTime(BEGIN);
  const table = createMemoryTable();
  const tally = { performed: 0, conflict: 0, throttle: 0, units: 0 };
  const engine = createEngine(
    {
      keys: { [PROJECTION_TABLE]: ['pk', 'sk'] },
      conflicts: rush.conflicts,
      capacity: rush.capacity,
      latency: assumedLatency(() => random.between(0, 1)),
      bytesOf: table.bytesOf,
      now: time.now,
      sleep: time.sleep,
    },
    (result, { kind, items }) => {
      if (kind !== 'transaction') return;
      tally[result] += 1;
      // Cancelled transactions are paid for, throttled ones are not.
      if (result !== 'throttle') tally.units += items.reduce((sum, { units }) => sum + units, 0);
    },
  );
  const projection = { docs: table.documents(engine), name: PROJECTION_TABLE };
  const end = BEGIN + rush.seconds * 1_000;
  const deps = {
    projection,
    random: () => random.between(0, 1),
    sleep: time.sleep,
    remainingMillis: () => 60_000,
  };
  const working = Array.from({ length: rush.consumers }, (_, consumer) =>
    consume(rush, consumer, { ...deps, now: time.now, end }),
  );
  const done = (await time.run(Promise.all(working))).flat();
  const heads = table.items().filter(({ pk }) => String(pk).startsWith('FILE#'));
  const slots = table.items().filter(({ pk, sk }) => pk === 'STATS#ALL' && /^\d+$/.test(String(sk)));
  const counted = slots.reduce((sum, { file_pending }) => sum + Number(file_pending), 0);
  if (counted !== heads.length) throw new Error(`${counted} are counted, and ${heads.length} are there`);
  const times = done.map(({ millis }) => millis).sort((a, b) => a - b);
  return {
    rush,
    transitions: heads.length,
    sent: tally.performed + tally.conflict + tally.throttle,
    cancelled: tally.conflict,
    throttled: tally.throttle,
    unapplied: done.reduce((sum, { unapplied }) => sum + unapplied, 0),
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    writeUnits: tally.units,
    slots: slots.length,
  };
}

type Clock = Omit<ApplyDeps, 'now'> & { now(): number; readonly end: number };

/** One consumer, batch after batch; unapplied records are delivered again. */
async function consume(rush: Rush, consumer: number, { now, end, ...deps }: Clock) {
  const writer = createWriter(deps.random);
  const batches: { readonly millis: number; readonly unapplied: number }[] = [];
  for (let batch = 0; now() < end; batch++) {
    const begun = now();
    let unapplied = 0;
    let tasks = tasksOf(deps.projection, `${consumer}-${batch}`, rush.batchSize, begun);
    while (tasks.length > 0) {
      const apply = rush.design === 'former' ? formerApply<Outcome, FoldTask> : applyTasks<Outcome, FoldTask>;
      const applied = await apply(tasks, { ...deps, now: now(), writer });
      tasks = applied.flatMap(({ kind, task }) => (kind === 'unapplied' ? [task] : []));
      unapplied += tasks.length;
    }
    batches.push({ millis: now() - begun, unapplied });
  }
  return batches;
}

/** A batch of new files. */
function tasksOf({ name }: Table, batch: string, size: number, now: number): FoldTask[] {
  return Array.from({ length: size }, (_, i) => {
    const key = { entity: 'file', date_prefix: DATE, file_key: `${batch}-${i}.ndjson` } as const;
    const position = `2026-11-20T10:00:00.000#${String(i).padStart(40, '0')}`;
    const event = {
      event: 'uploaded',
      status: 'pending',
      time: new Date(now).toISOString(),
      position,
    } as const;
    const transition = {
      ...key,
      from: undefined,
      to: 'pending',
      event,
      streamedAt: now,
      fromSince: undefined,
      source: undefined,
    };
    return foldTask(name, { ...key, transitions: [transition] }, now);
  });
}
