import type { Idleness } from './idleness.ts';
import type { CompleteOptions } from './options.ts';
import { openShard, type RunningShard } from './running-shard.ts';
import { listShards } from './shard-reader.ts';
import { type KnownShard, readableShards, startPosition } from './shards.ts';

export interface ShardSet {
  /** Lists the stream's shards and begins those whose turn it is; `isLatest` begins new ones at their end. */
  discover(isLatest: boolean): Promise<void>;
  running(): RunningShard[];
  /** Ends every shard after its invocation in flight. */
  stop(): Promise<void>;
}

/** The shards of one stream: which are being read, which have been read to their end. */
export function createShardSet(
  options: CompleteOptions,
  idleness: Idleness,
  onShardEnd: () => void,
): ShardSet {
  const running = new Map<string, { shard: RunningShard; ended: Promise<void> }>();
  const finished = new Set<string>();

  async function begin({ id, ...known }: KnownShard, isLatest: boolean): Promise<void> {
    const checkpoint = await options.checkpoints.load(id);
    const position = startPosition({ id, ...known }, checkpoint, isLatest);
    if (position === 'finished') return finish(id);
    const shard = await openShard(options, id, position, () => idleness.onRead(id));
    running.set(id, { shard, ended: runToEnd(id, shard) });
  }

  async function runToEnd(shardId: string, shard: RunningShard): Promise<void> {
    if (!(await shard.run())) return;
    await saveEnd(options, shardId);
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
    async discover(isLatest) {
      const onListed = idleness.onList();
      const listed = await listShards(options.streams, options.streamArn);
      finishTrimmed(listed);
      const nextShards = () => readableShards(listed, new Set(running.keys()), finished);
      for (let next = nextShards(); next.length > 0; next = nextShards()) {
        for (const shard of next) await begin(shard, isLatest);
      }
      onListed(listed.map(({ id }) => id));
    },
    running: () => [...running.values()].map(({ shard }) => shard),
    async stop() {
      for (const { shard } of running.values()) shard.stop();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

/** A lost end mark costs one more read of an empty shard after a restart: not worth stopping for. */
async function saveEnd({ checkpoints, onEvent }: CompleteOptions, shardId: string): Promise<void> {
  try {
    await checkpoints.save(shardId, { finished: true });
  } catch (error) {
    onEvent({ shardId, kind: 'problem', message: String(error) });
  }
}
