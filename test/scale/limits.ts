import { DOCUMENTED } from '../engine/capacity.ts';

/** AWS's documented limits, and assumptions where there is none. */
export const LIMITS = {
  /** Of a partition of a table or index, and of a single item: `test/engine/capacity.ts` has the source. */
  partitionWrites: DOCUMENTED.range.write,
  /** Of a table, and of each of its indexes, unless a higher quota was requested; the source is the same. */
  tableWrites: DOCUMENTED.account.write,
  /** Of an account, for all functions: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
  concurrency: 1_000,
  /** "Lambda polls shards … at a base rate of 4 times per second": https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
  pollsPerSecond: 4,
  /** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html */
  recordsPerPoll: 1_000,
  /** The timeout in `infra/functions/function.ts`, minus what applying reserves. */
  invocationMillis: 57_000,
  /** The number of partition keys that the heads of a date are spread over. */
  headStripes: 8,
  /** The pipeline's status suffixes, each a partition key of its index. */
  statusShards: 10,
  /** Assumed, as in the cost model: the overhead of an invocation, and the time to compute the write of a head. */
  millisPerBatch: 30,
  millisPerHead: 0.3,
} as const;
