import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { LocalSetupError } from '../setup-error.ts';
import { parseReplayLine, type ReplayChange } from './replay-record.ts';

export interface ReplayOptions {
  readonly dynamoDb: DynamoDBClient;
  readonly table: string;
  /** NDJSON: one stream record a line, as Lambda receives it; empty lines are passed over. */
  readonly path: string;
  /** Records per second; without it as fast as the table takes them. */
  readonly rate?: number;
  /** Ends the replay after the record in flight. */
  readonly signal?: AbortSignal;
}

export interface ReplayResult {
  readonly put: number;
  readonly removed: number;
}

/**
 * Makes a recorded history happen again: writes the image that each record left, one after the other, so that
 * the table's own stream tells it once more. The whole file is read before the first write.
 *
 * @throws LocalSetupError when the file cannot be read or a line is no stream record; then nothing was written
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { path, rate, signal } = options;
  await checkReplayFile(path);
  const result = { put: 0, removed: 0 };
  const begun = performance.now();
  for await (const change of readChanges(path)) {
    if (rate) await untilDue(begun + ((result.put + result.removed) * 1_000) / rate, signal);
    if (signal?.aborted) break;
    await write(options, change);
    result[isPut(change) ? 'put' : 'removed'] += 1;
  }
  return result;
}

/**
 * Reads a history to its end without writing anything.
 *
 * @throws LocalSetupError when the file cannot be read or a line is no stream record
 */
export async function checkReplayFile(path: string): Promise<void> {
  for await (const _ of readChanges(path));
}

async function* readChanges(path: string): AsyncGenerator<ReplayChange, void> {
  let lineNumber = 0;
  for await (const line of readLines(path)) {
    lineNumber += 1;
    if (line.trim() !== '') yield parseReplayLine(line, lineNumber);
  }
}

async function* readLines(path: string): AsyncGenerator<string, void> {
  const input = createReadStream(path);
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const hint = 'Give the path of an NDJSON file of stream records.';
    throw new LocalSetupError(`The replay file cannot be read: ${error.message}.`, hint, { cause: error });
  } finally {
    input.destroy();
  }
}

async function untilDue(dueMillis: number, signal?: AbortSignal): Promise<void> {
  const wait = dueMillis - performance.now();
  if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
}

async function write({ dynamoDb, table }: ReplayOptions, change: ReplayChange): Promise<void> {
  if (isPut(change)) await dynamoDb.send(new PutItemCommand({ TableName: table, Item: change.put }));
  else await dynamoDb.send(new DeleteItemCommand({ TableName: table, Key: change.remove }));
}

function isPut(change: ReplayChange): change is Extract<ReplayChange, { put: unknown }> {
  return 'put' in change;
}
