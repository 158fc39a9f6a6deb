import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type _Record as SdkRecord,
} from '@aws-sdk/client-dynamodb-streams';
import type { LambdaStreamRecord } from './event.ts';
import type { KnownShard, ShardPosition } from './shards.ts';

export interface ShardReader {
  /** Fixes the position without reading, so that `newest` means now. */
  open(): Promise<void>;
  /** The next records, perhaps none yet; `ended` when a closed shard has no more. */
  read(limit: number): Promise<{ records: LambdaStreamRecord[]; ended: boolean }>;
}

/** GetRecords takes no larger limit. */
const MAX_RECORDS = 1000;

/** Lists all the shards of a stream, page by page. */
export async function listShards(streams: DynamoDBStreamsClient, streamArn: string): Promise<KnownShard[]> {
  const shards: KnownShard[] = [];
  let lastShardId: string | undefined;
  do {
    const request = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: lastShardId });
    const { StreamDescription: page } = await streams.send(request);
    for (const { ShardId: id, ParentShardId: parentId, SequenceNumberRange: range } of page?.Shards ?? []) {
      if (id) shards.push({ id, parentId, closed: range?.EndingSequenceNumber !== undefined });
    }
    lastShardId = page?.LastEvaluatedShardId;
  } while (lastShardId);
  return shards;
}

/**
 * Reads one shard in order. A failed read throws and leaves the position where it was: the next one asks for a
 * fresh iterator, which mends an expired one. Records trimmed meanwhile are gone; reading goes on behind them.
 */
export function createShardReader(
  streams: DynamoDBStreamsClient,
  streamArn: string,
  shardId: string,
  start: ShardPosition,
  toRecord: (record: SdkRecord) => LambdaStreamRecord,
): ShardReader {
  let position = start;
  let iterator: string | undefined;

  const open = async () => {
    if (iterator !== undefined) return;
    const shard = { StreamArn: streamArn, ShardId: shardId };
    const response = await streams.send(
      new GetShardIteratorCommand({ ...shard, ...iteratorOptions(position) }),
    );
    iterator = response.ShardIterator;
  };

  return {
    open,
    async read(limit) {
      try {
        await open();
        const Limit = Math.min(MAX_RECORDS, limit);
        const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit }));
        // Before the position moves: a record that cannot be converted must stay in front, not be passed over.
        const records = (page.Records ?? []).map(toRecord);
        iterator = page.NextShardIterator;
        const last = records.at(-1);
        if (last) position = { kind: 'after', sequenceNumber: last.dynamodb.SequenceNumber };
        return { records, ended: iterator === undefined };
      } catch (error) {
        iterator = undefined;
        if (isTrimmed(error)) position = { kind: 'oldest' };
        throw error;
      }
    },
  };
}

function iteratorOptions(
  position: ShardPosition,
): Pick<GetShardIteratorCommandInput, 'ShardIteratorType' | 'SequenceNumber'> {
  switch (position.kind) {
    case 'oldest':
      return { ShardIteratorType: 'TRIM_HORIZON' };
    case 'newest':
      return { ShardIteratorType: 'LATEST' };
    case 'after':
      return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position.sequenceNumber };
  }
}

function isTrimmed(error: unknown): boolean {
  return error instanceof Error && error.name === 'TrimmedDataAccessException';
}
