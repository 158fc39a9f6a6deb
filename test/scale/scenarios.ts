import { type MeasuredUnits, PAYLOAD_BYTES, unitsOfBatches } from '../../infra/measured-units.ts';
import { PRICES } from '../../infra/prices.ts';
import { MOST_SLOTS } from '../../shared/projection/writer.ts';
import { LIMITS } from './limits.ts';
import { type Load, type Simulated, simulate } from './simulate.ts';

/** An even flow of files, a flow of five times as many, and the backlog after the consumers were down for twelve hours. */
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
  /** After DynamoDB has split hot partitions. */
  readonly split: Simulated;
  /** Before that. */
  readonly unsplit: Simulated;
  readonly dollarsPerMillion: number;
  /** Undefined if there is no backlog. */
  readonly catchUpHours: number | undefined;
  /** The share of each limit that is used, from 0; above 1 it is exceeded. */
  readonly used: Readonly<Record<LimitName, number>>;
}

/** The limits, as the tables name them. */
export type LimitName =
  | 'heads of a date: eight partition keys'
  | 'counters of everything: one partition key'
  | 'counters of everything: an item for each consumer'
  | 'projection table: quota'
  | 'tracking table: quota'
  | 'status index: ten keys of pending'
  | "a shard's consumer"
  | 'Lambda: concurrency';

/** @param windowSeconds how long a batch waits */
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
  /** Stream records per second, averaged over the day. */
  readonly evenRecords: number;
  /** Stream records per second under this load. */
  readonly records: number;
  readonly filesPerSecond: number;
  readonly isCatchingUp: boolean;
}

/**
 * A partition takes a thousand writes a second, so the tracking table has been split for its peaks; each partition has a
 * shard. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
 */
function flowOf(filesPerDay: number, load: LoadName, units: MeasuredUnits, windowSeconds: number): Flow {
  const evenRecords = (filesPerDay * units.recordsPerFile) / 86_400;
  const shards = Math.max(1, Math.ceil((PEAK * evenRecords) / LIMITS.partitionWrites));
  const factor = load === 'peak of five times' ? PEAK : 1;
  const records = evenRecords * factor;
  const perShard = records / shards;
  const most = PAYLOAD_BYTES / units.streamRecordBytes;
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

/** How many heads a batch writes for each transition, from the benchmark's measurements. @param seconds of the batch */
export function headsPerTransition(filesPerDay: number, seconds: number, units: MeasuredUnits): number {
  const flows = units.batches.map((batch) => batch.filesPerDay);
  const measured = Math.min(Math.max(...flows), Math.max(Math.min(...flows), filesPerDay));
  const stream = { windowSeconds: seconds, batchSize: Number.MAX_SAFE_INTEGER };
  // As if a payload had no size limit: the caller decides how many records a batch holds.
  const batch = unitsOfBatches(measured, { stream }, { ...units, streamRecordBytes: Number.EPSILON });
  const transitions = batch.recordsPerBatch * (units.transitionsPerFile / units.recordsPerFile);
  // A head costs two units, and each transaction four more for its counters.
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
    // Each file is added to a key of the index, and removed again.
    'status index: ten keys of pending':
      (2 * filesPerSecond) / (LIMITS.statusShards * LIMITS.partitionWrites),
    // A consumer that is catching up is always busy.
    "a shard's consumer": isCatchingUp ? 1 : run.busy,
    'Lambda: concurrency': load.shards / LIMITS.concurrency,
  };
}
