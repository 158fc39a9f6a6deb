import {
  type DescribeStreamCommand,
  DynamoDBStreamsClient,
  type GetRecordsCommand,
  type GetShardIteratorCommand,
  type _Record as SdkRecord,
} from '@aws-sdk/client-dynamodb-streams';

export interface FakeShard {
  id: string;
  parentId?: string;
  closed: boolean;
  records: SdkRecord[];
}

/**
 * A client for a stream with the shards that a test needs; DynamoDB Local splits a shard only after hours. A page of
 * DescribeStream has two shards. `calls` lists the calls, such as `read child`.
 */
export function fakeStream(shards: FakeShard[]): { streams: DynamoDBStreamsClient; calls: string[] } {
  const calls: string[] = [];
  const streams = new DynamoDBStreamsClient({ region: 'us-east-1' });
  streams.middlewareStack.add(
    () => async (args) => ({ output: { $metadata: {}, ...answer(shards, args.input, calls) }, response: {} }),
    { step: 'initialize' },
  );
  return { streams, calls };
}

type Input = DescribeStreamCommand['input'] & GetShardIteratorCommand['input'] & GetRecordsCommand['input'];

function answer(shards: FakeShard[], input: Partial<Input>, calls: string[]): object {
  if (input.ShardIterator) return records(shards, input.ShardIterator, calls);
  if (input.ShardId) return { ShardIterator: `${input.ShardId}:0` };
  return { StreamDescription: page(shards, input.ExclusiveStartShardId) };
}

function page(shards: FakeShard[], after: string | undefined) {
  const start = shards.findIndex(({ id }) => id === after) + 1;
  const listed = shards.slice(start, start + 2);
  return {
    Shards: listed.map(({ id, parentId, closed }) => ({
      ShardId: id,
      ParentShardId: parentId,
      SequenceNumberRange: closed ? { EndingSequenceNumber: '9' } : {},
    })),
    LastEvaluatedShardId: start + 2 < shards.length ? listed.at(-1)?.id : undefined,
  };
}

function records(shards: FakeShard[], iterator: string, calls: string[]) {
  const [id = '', position = '0'] = iterator.split(':');
  const shard = shards.find((candidate) => candidate.id === id);
  const next = shard?.records[Number(position)];
  calls.push(next ? `read ${id}` : `end ${id}`);
  if (next) return { Records: [next], NextShardIterator: `${id}:${Number(position) + 1}` };
  return { Records: [], NextShardIterator: shard?.closed ? undefined : iterator };
}
