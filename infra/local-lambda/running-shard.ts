import type { Ending, Part } from './batch.ts';
import { createDelivery } from './delivery.ts';
import { type LambdaStreamRecord, toLambdaRecord } from './event.ts';
import { createNapper } from './idleness.ts';
import { sendToDestination } from './on-failure.ts';
import type { CompleteOptions } from './options.ts';
import { createShardLoop } from './shard-loop.ts';
import { createShardReader } from './shard-reader.ts';
import type { ShardPosition } from './shards.ts';

export interface RunningShard {
  /** Reads and delivers until the shard ends (true) or `stop` is called (false). */
  run(): Promise<boolean>;
  /** Ends the loop after the invocation in flight. */
  stop(): void;
  /** Cuts the present pause short. */
  wake(): void;
  waiting(): LambdaStreamRecord | undefined;
}

/** Puts together what one shard needs. `onRead` as in the shard's loop. */
export async function openShard(
  options: CompleteOptions,
  shardId: string,
  position: ShardPosition,
  onRead: () => () => void,
): Promise<RunningShard> {
  const { streams, streamArn, now } = options;
  const napper = createNapper(options.sleep);
  const reader = createShardReader(streams, streamArn, shardId, position, (record) =>
    toLambdaRecord(record, streamArn, now()),
  );
  // The newest position must be fixed before the caller goes on to write.
  if (position.kind === 'newest') await reader.open();
  const delivery = createDelivery({
    ...options,
    shardId,
    discard: (part, ending) => discard(options, shardId, part, ending),
    onEvent: (event) => options.onEvent({ shardId, ...event }),
  });
  const loop = createShardLoop({
    ...options,
    reader,
    delivery,
    napper,
    onRead,
    onProblem: (error) => options.onEvent({ shardId, kind: 'problem', message: String(error) }),
  });
  return { run: loop.run, stop: napper.retire, wake: napper.wake, waiting: loop.waiting };
}

async function discard(
  { onFailure, functionArn, streamArn, now, newId }: CompleteOptions,
  shardId: string,
  { records, failures }: Part,
  ending: Ending,
): Promise<string | undefined> {
  if (!onFailure) return undefined;
  const origin = { functionArn, streamArn, shardId, requestId: newId(), at: now() };
  return sendToDestination(onFailure, { ...origin, ...ending, records, invokeCount: failures }, newId());
}
