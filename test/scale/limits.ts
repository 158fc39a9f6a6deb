import { DOCUMENTED } from '../engine/capacity.ts';

/** What AWS documents, and what had to be assumed. */
export const LIMITS = {
  /** Of a partition of a table or index, and of a single item: `test/engine/capacity.ts` has the source. */
  partitionWrites: DOCUMENTED.range.write,
  /** Of a table, and of each of its indexes, unless a higher quota was asked for; the source is the same. */
  tableWrites: DOCUMENTED.account.write,
  /** Of an account, for all functions: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  concurrency: 1_000,
  /** "Lambda polls shards … at a base rate of 4 times per second": https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
  pollsPerSecond: 4,
  /** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
  recordsPerPoll: 1_000,
  /** What a stream keeps: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
  streamHours: 24,
  /** As `infra/functions/stream-consumer.ts` has it; less what applying reserves. */
  invocationMillis: 57_000,
  /** Over these partition keys the heads of a date are spread. */
  headStripes: 8,
  /** The pipeline's status suffixes, each a partition key of its index. */
  statusShards: 10,
  /** Assumed, as in the model of costs: what an invocation takes beside its requests, and computing a head's write. */
  millisPerBatch: 30,
  millisPerHead: 0.3,
} as const;
