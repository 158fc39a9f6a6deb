/** How far a shard has been processed: after a record, or to its end. */
export type Checkpoint = { afterSequenceNumber: string } | { finished: true };

/** Where a stream runner keeps its place; one store belongs to one mapping. */
export interface Checkpoints {
  load(shardId: string): Promise<Checkpoint | undefined>;
  save(shardId: string, checkpoint: Checkpoint): Promise<void>;
}

export function memoryCheckpoints(): Checkpoints {
  const checkpoints = new Map<string, Checkpoint>();
  return {
    load: async (shardId) => checkpoints.get(shardId),
    save: async (shardId, checkpoint) => void checkpoints.set(shardId, checkpoint),
  };
}

/** A shard of a stream, as much of it as the order of reading needs. */
export type KnownShard = { id: string; parentId?: string; closed: boolean };

export type ShardPosition =
  | { kind: 'oldest' }
  | { kind: 'newest' }
  | { kind: 'after'; sequenceNumber: string };

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

/**
 * Where a shard's reading begins. `LATEST` concerns the shards there are when the runner starts, and of those
 * the ones without a checkpoint; a later shard continues one of these and is read from its start.
 */
export function startPosition(
  shard: KnownShard,
  checkpoint: Checkpoint | undefined,
  isLatest: boolean,
): ShardPosition | 'finished' {
  if (checkpoint && 'finished' in checkpoint) return 'finished';
  if (checkpoint) return { kind: 'after', sequenceNumber: checkpoint.afterSequenceNumber };
  if (!isLatest) return { kind: 'oldest' };
  return shard.closed ? 'finished' : { kind: 'newest' };
}
