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
