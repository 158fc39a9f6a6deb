import { DescribeStreamCommand, type DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { openShard, type RunningShard, type ShardContext } from './shard.ts';
import type { Idleness } from './waiting.ts';

export interface ShardSet {
  /** Lists the stream's shards and begins those whose turn it is. */
  discover(): Promise<void>;
  running(): RunningShard[];
  /** Ends every shard after its invocation in flight. */
  stop(): Promise<void>;
}

/** The shards of one stream: which are being read, which have been read to their end. */
export function createShardSet(context: ShardContext, idleness: Idleness, onShardEnd: () => void): ShardSet {
  const running = new Map<string, { shard: RunningShard; ended: Promise<void> }>();
  const finished = new Set<string>();

  function begin({ id }: KnownShard): void {
    const shard = openShard(context, id, () => idleness.onRead(id));
    running.set(id, { shard, ended: runToEnd(id, shard) });
  }

  async function runToEnd(shardId: string, shard: RunningShard): Promise<void> {
    if (!(await shard.run())) return;
    finish(shardId);
    onShardEnd();
  }

  function finish(shardId: string): void {
    finished.add(shardId);
    running.delete(shardId);
    idleness.onEnd(shardId);
  }

  /** A shard that the stream no longer lists has been trimmed: it has no end that its children could wait for. */
  function finishTrimmed(listed: readonly KnownShard[]): void {
    const ids = new Set(listed.map(({ id }) => id));
    for (const [id, { shard }] of running) {
      if (ids.has(id) || shard.waiting()) continue;
      shard.stop();
      finish(id);
    }
  }

  return {
    async discover() {
      const onListed = idleness.onList();
      const listed = await listShards(context.streams, context.streamArn);
      finishTrimmed(listed);
      for (const shard of readableShards(listed, new Set(running.keys()), finished)) begin(shard);
      onListed(listed.map(({ id }) => id));
    },
    running: () => [...running.values()].map(({ shard }) => shard),
    async stop() {
      for (const { shard } of running.values()) shard.stop();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

/** The part of a shard that the order of reading needs. */
type KnownShard = { id: string; parentId?: string };

/**
 * The shards that may be read now: neither begun nor finished, and their parent read to its end. A parent that
 * the stream no longer lists has been trimmed with all its records.
 */
export function readableShards(
  shards: readonly KnownShard[],
  begun: ReadonlySet<string>,
  finished: ReadonlySet<string>,
): KnownShard[] {
  const unfinished = new Set(shards.map(({ id }) => id).filter((id) => !finished.has(id)));
  return shards.filter(
    ({ id, parentId }) => !begun.has(id) && unfinished.has(id) && !unfinished.has(parentId ?? ''),
  );
}

async function listShards(streams: DynamoDBStreamsClient, streamArn: string): Promise<KnownShard[]> {
  const shards: KnownShard[] = [];
  let lastShardId: string | undefined;
  do {
    const request = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: lastShardId });
    const { StreamDescription: page } = await streams.send(request);
    for (const { ShardId: id, ParentShardId: parentId } of page?.Shards ?? []) {
      if (id) shards.push({ id, parentId });
    }
    lastShardId = page?.LastEvaluatedShardId;
  } while (lastShardId);
  return shards;
}
