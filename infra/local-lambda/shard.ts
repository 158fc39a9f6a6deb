import { randomUUID } from 'node:crypto';
import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as SdkRecord,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import {
  countForBatch,
  type Outcome,
  retryDelayMilliseconds,
  type StreamSettings,
  type SubBatch,
} from './batch.ts';
import { createDelivery, type DeliveryEvent } from './delivery.ts';
import { type LambdaStreamRecord, toLambdaRecord } from './event.ts';
import type { EventFilter } from './event-filter.ts';
import { type OnFailureDestination, sendToDestination } from './on-failure.ts';
import { createSleeper, type Sleep, type Sleeper } from './waiting.ts';

/** An event source mapping: which stream goes to which function, and how. */
export interface StreamMapping {
  streams: DynamoDBStreamsClient;
  streamArn: string;
  functionArn: string;
  /** Rejects if the function could not be invoked at all; that is repeated and uses up no retries. */
  invoke(event: DynamoDBStreamEvent): Promise<Outcome>;
  settings: StreamSettings;
  /** Where discarded records go; without it they are only counted. */
  onFailure?: OnFailureDestination;
}

export interface ShardContext extends StreamMapping {
  filter: EventFilter;
  /** The pause after a read that found nothing. */
  pollMilliseconds: number;
  now(): Date;
  sleep: Sleep;
  onEvent(event: ShardEvent): void;
}

/**
 * A `problem` is a fault of the stream, the destination or the function's host that was survived; `left_out` is a
 * record that could not be converted, which the function never gets.
 */
export type ShardEvent =
  | DeliveryEvent
  | { kind: 'filtered' }
  | { kind: 'problem' | 'left_out'; message: string };

export interface RunningShard {
  /** Reads and delivers until the shard ends (true) or `stop` is called (false). */
  run(): Promise<boolean>;
  /** Ends the loop after the invocation in flight. */
  stop(): void;
  /** Ends the current pause. */
  wake(): void;
  /** The oldest record that has been read and is not done. */
  waiting(): LambdaStreamRecord | undefined;
}

/**
 * Reads one shard from its start and delivers what it finds, batch by batch.
 *
 * @param onRead called before each read; what it returns is called if that read leaves nothing to do
 */
export function openShard(context: ShardContext, shardId: string, onRead: () => () => void): RunningShard {
  const { settings, now } = context;
  const sleeper = createSleeper(context.sleep);
  const readNext = shardReader(context, shardId);
  const delivery = createDelivery({ ...context, discard: (given) => discard(context, shardId, given) });
  const buffer: LambdaStreamRecord[] = [];
  let firstReadAt = 0;
  let ended = false;

  /** Reads once; resolves to the pause to make before the next step. */
  async function read(): Promise<number> {
    const onNothing = onRead();
    const page = await readNext(settings.batchSize - buffer.length);
    if (buffer.length === 0) firstReadAt = now().getTime();
    buffer.push(...page.records.flatMap((record) => accepted(record, context)));
    ended = page.ended;
    if (page.records.length > 0) return 0;
    if (buffer.length === 0) onNothing();
    return context.pollMilliseconds;
  }

  function isBatchReady(): boolean {
    if (buffer.length === 0) return false;
    const waited = now().getTime() - firstReadAt;
    if (ended || waited >= settings.maximumBatchingWindowSeconds * 1000) return true;
    return buffer.length >= settings.batchSize || countForBatch(buffer, settings.batchSize) < buffer.length;
  }

  async function step(): Promise<number> {
    if (!delivery.isDone()) return delivery.step();
    if (!isBatchReady()) return read();
    delivery.take(buffer.splice(0, countForBatch(buffer, settings.batchSize)));
    return 0;
  }

  return {
    run: () => repeat(step, () => ended && buffer.length === 0 && delivery.isDone(), sleeper, context),
    stop: sleeper.retire,
    wake: sleeper.wake,
    waiting: () => delivery.waiting() ?? buffer[0],
  };
}

/** Survives every fault by trying again. @returns false if its sleeper was retired before the end */
async function repeat(
  step: () => Promise<number>,
  isFinished: () => boolean,
  sleeper: Sleeper,
  { onEvent }: ShardContext,
): Promise<boolean> {
  for (let faults = 0; !sleeper.retired() && !isFinished(); ) {
    try {
      await sleeper.sleep(await step());
      faults = 0;
    } catch (error) {
      faults += 1;
      onEvent({ kind: 'problem', message: String(error) });
      await sleeper.sleep(retryDelayMilliseconds(faults));
    }
  }
  return isFinished();
}

/**
 * The record as the function gets it; none if the filter stops it ("If none of your filters are satisfied, Lambda discards the
 * record") or if it cannot be converted, which would otherwise block the shard for good.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
function accepted(
  record: SdkRecord,
  { streamArn, now, filter, onEvent }: ShardContext,
): LambdaStreamRecord[] {
  try {
    const converted = toLambdaRecord(record, streamArn, now());
    if (filter(converted)) return [converted];
    onEvent({ kind: 'filtered' });
  } catch (error) {
    onEvent({ kind: 'left_out', message: `${keysText(record.dynamodb?.Keys)}. ${String(error)}` });
  }
  return [];
}

/** The largest limit that GetRecords accepts. */
const MAX_RECORDS = 1000;

/**
 * Reads one shard in order: resolves to the next records, perhaps none yet, and to whether a closed shard has no
 * more. A failed read throws and leaves the position where it was: the next one asks for a fresh iterator, which
 * replaces an expired one. Records trimmed in the meantime are gone; reading continues after them.
 */
function shardReader({ streams, streamArn }: ShardContext, shardId: string) {
  let lastRead: string | undefined;
  let iterator: string | undefined;

  const open = async () => {
    const start = lastRead
      ? ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: lastRead } as const)
      : ({ ShardIteratorType: 'TRIM_HORIZON' } as const);
    const request = new GetShardIteratorCommand({ StreamArn: streamArn, ShardId: shardId, ...start });
    return (await streams.send(request)).ShardIterator;
  };

  return async (limit: number): Promise<{ records: SdkRecord[]; ended: boolean }> => {
    try {
      iterator ??= await open();
      const Limit = Math.min(MAX_RECORDS, limit);
      const page = await streams.send(new GetRecordsCommand({ ShardIterator: iterator, Limit }));
      const records = page.Records ?? [];
      iterator = page.NextShardIterator;
      lastRead = records.at(-1)?.dynamodb?.SequenceNumber ?? lastRead;
      return { records, ended: iterator === undefined };
    } catch (error) {
      iterator = undefined;
      if (error instanceof Error && error.name === 'TrimmedDataAccessException') lastRead = undefined;
      throw error;
    }
  };
}

async function discard(
  { onFailure, functionArn, streamArn, now }: ShardContext,
  shardId: string,
  { records, failures, ending }: SubBatch,
): Promise<void> {
  if (!onFailure || !ending) return;
  const origin = { functionArn, streamArn, shardId, requestId: randomUUID(), at: now() };
  await sendToDestination(onFailure, { ...origin, ...ending, records, invokeCount: failures }, randomUUID());
}

/** The keys of a record as text, such as `date_prefix 2026-11-23, file_key a.ndjson`. */
function keysText(keys: Readonly<Record<string, unknown>> | undefined): string {
  const texts = Object.entries(keys ?? {}).map(([name, value]) => `${name} ${keyText(value)}`);
  return texts.length > 0 ? texts.join(', ') : 'a record without keys';
}

/** A key is text, a number or bytes, under the letter of its type. */
function keyText(value: unknown): string {
  return Object.values(value ?? {})
    .map(String)
    .join(' ');
}
