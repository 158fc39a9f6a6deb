import { createRandom } from '../../infra/simulator/random.ts';
import { createWriter, type Writer } from '../../shared/projection/writer.ts';
import { type CapacityRules, createCapacity, DOCUMENTED } from '../engine/capacity.ts';
import { createConflicts } from '../engine/conflicts.ts';
import type { Footprint, Touched } from '../engine/footprint.ts';
import { assumedLatency } from '../engine/latency.ts';
import { createVirtualTime } from '../engine/virtual-time.ts';
import { LIMITS } from './limits.ts';

/** The load of the consumers of one date, and their properties. */
export interface Load {
  /** One consumer each. */
  readonly shards: number;
  /** How many heads a batch writes, and how many transitions it contains. */
  readonly headsPerBatch: number;
  readonly transitionsPerBatch: number;
  /** How long a shard needs to fill a batch; 0 if the next one is always ready. */
  readonly fillSeconds: number;
  /** How long computing takes, in milliseconds; 0 if only conflicts matter. */
  readonly millisPerBatch: number;
  readonly millisPerHead: number;
  /** Which items share a key range: those of a partition key, or none once the table was split for heat; or no limits at all. */
  readonly ranges: 'unsplit' | 'split' | 'endless';
  readonly warmUpSeconds: number;
  readonly seconds: number;
  readonly seed: number;
}

/** The results, measured after the warm-up. */
export interface Simulated {
  readonly transitions: number;
  /** Until the last batch ended. */
  readonly elapsedSeconds: number;
  readonly sent: number;
  readonly cancelled: number;
  readonly throttled: number;
  /** Batches that were returned, to be delivered again. */
  readonly returned: number;
  /** Milliseconds of a batch (p99), from the call to the end of the last delivery. */
  readonly p99: number;
  /** Seconds (p99) from the write of a batch's first record until the batch is applied. */
  readonly lagSeconds: number;
  /** The share of time that a shard's consumer is working; from 1 on, lag grows. */
  readonly busy: number;
  /** The total of all invocations. */
  readonly invokedMillis: number;
  readonly invocations: number;
  readonly writeUnits: number;
  /** The write units of the counters of everything. */
  readonly counterUnits: number;
}

const BEGIN = Date.parse('2026-11-23T06:00:00Z');
const ENDLESS = Number.POSITIVE_INFINITY;
// The same as in shared/projection/apply.ts; if they differed, the comparison with the benchmark would show it.
const LONGEST_CONTENTION = 12;
const SHORTEST_WAIT_MILLIS = 25;
const LONGEST_WAIT_MILLIS = 2_000;

/** A table with its rules, and a tally of what happened. */
type Bench = ReturnType<typeof createBench>;

/**
 * Simulates the consumers of a stream in virtual time. Each has a real writer, which chooses its slot and the size of its
 * transactions; the rules for conflicts and capacity are those of `test/engine`. A transaction is reduced to the items it
 * affects: its heads, as one item for each partition key, and its counters.
 */
export async function simulate(load: Load): Promise<Simulated> {
  const bench = createBench(load);
  const { time, random } = bench;
  const end = BEGIN + (load.warmUpSeconds + load.seconds) * 1_000;
  const consumers = Array.from({ length: load.shards }, async (_, shard) => {
    const writer = createWriter(random);
    await time.sleep(random() * load.fillSeconds * 1_000);
    let behind = 0;
    while (time.now() < end) {
      // Records that are written while a batch is applied wait for the next one.
      await time.sleep(Math.max(0, load.fillSeconds * 1_000 - behind));
      const lateMillis = Math.max(0, behind - load.fillSeconds * 1_000);
      const begun = time.now();
      await deliver({ load, shard, writer, bench, end });
      const millis = time.now() - begun;
      behind = load.fillSeconds === 0 ? 0 : lateMillis + millis;
      bench.finish({ millis, lagMillis: load.fillSeconds * 1_000 + lateMillis + millis });
    }
  });
  await time.run(Promise.all(consumers));
  return bench.result();
}

interface Consumer {
  readonly load: Load;
  readonly shard: number;
  readonly writer: Writer;
  readonly bench: Bench;
  /** When the simulation ends, even if something is left. */
  readonly end: number;
}

/** Delivers one batch, repeatedly if necessary. */
async function deliver({ end, ...consumer }: Consumer): Promise<void> {
  const { load, writer, bench } = consumer;
  const { time } = bench;
  let left = load.headsPerBatch;
  while (time.now() < end) {
    const called = time.now();
    await time.sleep(load.millisPerBatch);
    while (left > 0) {
      const heads = Math.min(left, writer.heads());
      await time.sleep(heads * load.millisPerHead);
      const until = Math.min(end, called + LIMITS.invocationMillis);
      if (!(await commit(heads, until, consumer))) break;
      left -= heads;
    }
    if (left <= 0) return;
    bench.giveBack();
  }
}

/** @returns whether the transaction was committed before the invocation had to end */
async function commit(
  heads: number,
  until: number,
  { load, shard, writer, bench }: Pick<Consumer, 'load' | 'shard' | 'writer' | 'bench'>,
): Promise<boolean> {
  const { time, random } = bench;
  for (let attempt = 0; ; attempt++) {
    const outcome = await bench.send(footprintOf(heads, shard, writer.slot(), load));
    if (outcome === 'performed') {
      writer.committed();
      return true;
    }
    if (outcome === 'conflict') writer.metOnCounters();
    if (outcome === 'conflict' && attempt >= LONGEST_CONTENTION) return false;
    const ceiling = Math.min(LONGEST_WAIT_MILLIS, SHORTEST_WAIT_MILLIS * 2 ** attempt);
    const wait = random() * (outcome === 'throttle' ? ceiling : ceiling / 4);
    if (time.now() + wait > until) return false;
    await time.sleep(wait);
  }
}

function footprintOf(heads: number, shard: number, slot: number, { ranges }: Load): Footprint {
  const item = (partition: string, name: string, units: number): Touched => ({
    table: 'projection',
    partition: ranges === 'split' ? `${partition} ${name}` : partition,
    item: `${partition} ${name}`,
    units,
  });
  const stripes = Math.min(heads, LIMITS.headStripes);
  return {
    kind: 'transaction',
    items: [
      ...Array.from({ length: stripes }, (_, i) => item(`HEADS#${i}`, String(shard), (2 * heads) / stripes)),
      ...COUNTERS.flatMap((kind) => [
        item('STATS#ALL', `${kind} ${slot}`, 2),
        item('STATS#DATE', `${kind} ${slot}`, 2),
      ]),
    ],
  };
}

/** The kinds of counters, of everything and of each date; ages of one day only. */
const COUNTERS = ['counts', 'ages'];

function createBench({ ranges, seed, warmUpSeconds, fillSeconds, shards, transitionsPerBatch }: Load) {
  const source = createRandom(seed);
  const random = () => source.between(0, 1);
  const time = createVirtualTime(BEGIN);
  const measuredFrom = BEGIN + warmUpSeconds * 1_000;
  const latency = assumedLatency(random);
  const conflicts = createConflicts();
  const capacity = ranges === 'endless' ? undefined : createCapacity(RULES);
  const tally = { performed: 0, conflict: 0, throttle: 0, units: 0, counters: 0, returned: 0 };
  const batches: { readonly millis: number; readonly lagMillis: number }[] = [];
  const isMeasured = () => time.now() >= measuredFrom;

  function note(outcome: 'performed' | 'conflict' | 'throttle', { items }: Footprint) {
    if (!isMeasured()) return outcome;
    tally[outcome] += 1;
    if (outcome === 'throttle') return outcome;
    // Cancelled transactions are paid for, throttled ones are not.
    tally.units += items.reduce((sum, { units }) => sum + units, 0);
    tally.counters += 2 * COUNTERS.length;
    return outcome;
  }

  return {
    time,
    random,
    async send(footprint: Footprint) {
      // The latency depends on the real number of items; the footprint has fewer.
      const heads = footprint.items
        .slice(0, -2 * COUNTERS.length)
        .reduce((sum, { units }) => sum + units / 2, 0);
      const millis = latency({
        ...footprint,
        items: Array.from({ length: heads + 2 * COUNTERS.length }, () => NOTHING),
      });
      if (capacity?.take(footprint, time.now())) return note('throttle', footprint);
      const passage = conflicts.begin(footprint);
      await time.sleep('taken' in passage ? millis / 2 : millis);
      if ('taken' in passage) return note('conflict', footprint);
      passage.end();
      return note('performed', footprint);
    },
    giveBack() {
      if (isMeasured()) tally.returned += 1;
    },
    finish: (batch: (typeof batches)[number]) => void (isMeasured() && batches.push(batch)),
    result(): Simulated {
      const top = (values: readonly number[]) =>
        [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? ENDLESS;
      const elapsedSeconds = (time.now() - measuredFrom) / 1_000;
      const invokedMillis = batches.reduce((sum, { millis }) => sum + millis, 0);
      const cycle = fillSeconds * 1_000 * batches.length;
      return {
        transitions: batches.length * transitionsPerBatch,
        elapsedSeconds,
        invokedMillis,
        invocations: batches.length + tally.returned,
        busy: cycle > 0 ? invokedMillis / cycle : invokedMillis / (elapsedSeconds * 1_000 * shards),
        sent: tally.performed + tally.conflict + tally.throttle,
        cancelled: tally.conflict,
        throttled: tally.throttle,
        returned: tally.returned,
        p99: top(batches.map(({ millis }) => millis)),
        lagSeconds: top(batches.map(({ lagMillis }) => lagMillis)) / 1_000,
        writeUnits: tally.units,
        counterUnits: tally.counters,
      };
    },
  };
}

const NOTHING: Touched = { table: '', partition: '', item: '', units: 0 };

/** No burst capacity was saved, and the quotas of table and account were raised: `scenarios.ts` reports them separately. */
const RULES: CapacityRules = {
  ...DOCUMENTED,
  burstSeconds: 1,
  savedSeconds: 1,
  table: { write: ENDLESS, read: ENDLESS },
  account: { write: ENDLESS, read: ENDLESS },
};
