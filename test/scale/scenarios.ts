import { ASSUMED, type MeasuredUnits, unitsOfBatches } from '../../infra/cost-model.ts';
import { PRICES } from '../../infra/prices.ts';
import { MOST_SLOTS } from '../../shared/projection/writer.ts';
import { LIMITS } from './limits.ts';
import { type Load, type Simulated, simulate } from './simulate.ts';

/** Files as they come, five times as many, and what has gathered while the consumers did nothing for twelve hours. */
export const LOADS = ['even', 'peak of five times', 'after 12 hours of outage'] as const;
export type LoadName = (typeof LOADS)[number];

const PEAK = 5;
const OUTAGE_HOURS = 12;
const HEADS_PER_TRANSACTION = 94;
const GIGABYTES = 0.5;

/** One row of the table. */
export interface Outcome {
  readonly filesPerDay: number;
  readonly load: LoadName;
  readonly shards: number;
  /** After DynamoDB has split what is hot. */
  readonly split: Simulated;
  /** Before. */
  readonly unsplit: Simulated;
  readonly dollarsPerMillion: number;
  /** Undefined where nothing has gathered. */
  readonly catchUpHours: number | undefined;
  /** How much of each limit is used, 1 being all of it. */
  readonly used: Readonly<Record<LimitName, number>>;
}

/** What may be too small, as a reader would call it. */
export type LimitName =
  | 'heads of a date: eight partition keys'
  | 'counters of everything: one partition key'
  | 'counters of everything: an item for each consumer'
  | 'projection table: quota'
  | 'tracking table: quota'
  | 'status index: ten keys of pending'
  | "a shard's consumer"
  | 'Lambda: concurrency';

/** @param windowSeconds for how long a batch waits */
export async function simulateDay(
  filesPerDay: number,
  load: LoadName,
  { units, windowSeconds }: { readonly units: MeasuredUnits; readonly windowSeconds: number },
): Promise<Outcome> {
  const flow = flowOf(filesPerDay, load, units, windowSeconds);
  const split = await simulate({ ...flow.load, ranges: 'split' });
  const unsplit = await simulate({ ...flow.load, ranges: 'unsplit' });
  const perSecond = split.transitions / split.elapsedSeconds;
  const arriving = flow.evenRecords * (units.transitionsPerFile / units.recordsPerFile);
  return {
    filesPerDay,
    load,
    shards: flow.load.shards,
    split,
    unsplit,
    dollarsPerMillion: (dollarsOf(split) / split.transitions) * 1e6,
    catchUpHours: flow.isCatchingUp ? (OUTAGE_HOURS * arriving) / (perSecond - arriving) : undefined,
    used: usedOf(split, flow),
  };
}

interface Flow {
  readonly load: Load;
  /** Stream records a second, on average of the day. */
  readonly evenRecords: number;
  /** The same under this load. */
  readonly records: number;
  readonly filesPerSecond: number;
  readonly isCatchingUp: boolean;
}

/**
 * A partition takes a thousand writes a second, so the tracking table has been split for its peaks; each partition is a
 * shard. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
function flowOf(filesPerDay: number, load: LoadName, units: MeasuredUnits, windowSeconds: number): Flow {
  const evenRecords = (filesPerDay * units.recordsPerFile) / 86_400;
  const shards = Math.max(1, Math.ceil((PEAK * evenRecords) / LIMITS.partitionWrites));
  const factor = load === 'peak of five times' ? PEAK : 1;
  const records = evenRecords * factor;
  const perShard = records / shards;
  const most = ASSUMED.payloadBytes / units.streamRecordBytes;
  const isCatchingUp = load === 'after 12 hours of outage';
  const spanSeconds = isCatchingUp ? most / perShard : Math.min(windowSeconds, most / perShard);
  const recordsPerBatch = Math.max(1, perShard * spanSeconds);
  const transitionsPerBatch = recordsPerBatch * (units.transitionsPerFile / units.recordsPerFile);
  const headsPerBatch = Math.ceil(transitionsPerBatch * headsPerTransition(filesPerDay, spanSeconds, units));
  const fillSeconds = isCatchingUp
    ? recordsPerBatch / (LIMITS.pollsPerSecond * LIMITS.recordsPerPoll)
    : spanSeconds;
  return {
    evenRecords,
    records,
    filesPerSecond: (filesPerDay / 86_400) * factor,
    isCatchingUp,
    load: {
      ...{ shards, headsPerBatch, transitionsPerBatch, fillSeconds, ranges: 'split' },
      millisPerBatch: LIMITS.millisPerBatch,
      millisPerHead: LIMITS.millisPerHead,
      warmUpSeconds: 3 * fillSeconds,
      seconds: Math.max(20, 5 * fillSeconds),
      seed: 1,
    },
  };
}

/** How many heads a batch of so many seconds writes for each transition, by what the benchmark measured. */
export function headsPerTransition(filesPerDay: number, seconds: number, units: MeasuredUnits): number {
  const flows = units.batches.map((batch) => batch.filesPerDay);
  const measured = Math.min(Math.max(...flows), Math.max(Math.min(...flows), filesPerDay));
  const stream = { windowSeconds: seconds, batchSize: Number.MAX_SAFE_INTEGER };
  // As if a payload had no end: what a batch holds is for the caller to say.
  const batch = unitsOfBatches(measured, { stream }, { ...units, streamRecordBytes: Number.EPSILON });
  const transitions = batch.recordsPerBatch * (units.transitionsPerFile / units.recordsPerFile);
  // A head is two units, and each transaction has four more for its counters.
  const heads = (batch.writeUnitsPerTransition * transitions - 4) / (2 + 4 / HEADS_PER_TRANSACTION);
  return Math.min(1, Math.max(heads, 1) / transitions);
}

function dollarsOf({ writeUnits, invokedMillis, invocations }: Simulated): number {
  const gigabyteSeconds = (invokedMillis / 1_000) * GIGABYTES;
  return (
    writeUnits * PRICES.writeUnit +
    invocations * PRICES.lambdaRequest +
    gigabyteSeconds * PRICES.lambdaGigabyteSecond
  );
}

function usedOf(run: Simulated, { load, records, filesPerSecond, isCatchingUp }: Flow): Outcome['used'] {
  const perSecond = (units: number) => units / run.elapsedSeconds;
  const counters = perSecond(run.counterUnits);
  return {
    'heads of a date: eight partition keys':
      (perSecond(run.writeUnits) - 2 * counters) / (LIMITS.headStripes * LIMITS.partitionWrites),
    'counters of everything: one partition key': counters / LIMITS.partitionWrites,
    'counters of everything: an item for each consumer': load.shards / MOST_SLOTS,
    'projection table: quota': perSecond(run.writeUnits) / LIMITS.tableWrites,
    'tracking table: quota': records / LIMITS.tableWrites,
    // A file is put under its key of the index, and taken away again.
    'status index: ten keys of pending':
      (2 * filesPerSecond) / (LIMITS.statusShards * LIMITS.partitionWrites),
    // One that catches up takes all the time that it has.
    "a shard's consumer": isCatchingUp ? 1 : run.busy,
    'Lambda: concurrency': load.shards / LIMITS.concurrency,
  };
}
