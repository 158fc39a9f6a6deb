import { createReadStream } from 'node:fs';
import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { linesOf } from '../../shared/flow/lines.ts';
import { errorText } from '../../shared/text/error-text.ts';
import { Refused } from '../../shared/text/refused.ts';

export type Item = Record<string, AttributeValue>;

/** What one stream record did to the table: put an image, or removed the item. */
export type ReplayChange = { readonly put: Item } | { readonly remove: Item };

const text = z.string();
// Lambda passes binary values as base64; the SDK writes bytes.
const bytes = z.base64().transform((value) => new Uint8Array(Buffer.from(value, 'base64')));

const attributeValue: z.ZodType<AttributeValue> = z.lazy(() =>
  z.union([
    z.strictObject({ S: text }),
    z.strictObject({ N: text }),
    z.strictObject({ BOOL: z.boolean() }),
    z.strictObject({ NULL: z.literal(true) }),
    z.strictObject({ B: bytes }),
    z.strictObject({ SS: z.array(text).min(1) }),
    z.strictObject({ NS: z.array(text).min(1) }),
    z.strictObject({ BS: z.array(bytes).min(1) }),
    z.strictObject({ L: z.array(attributeValue) }),
    z.strictObject({ M: z.record(text, attributeValue) }),
  ]),
);
const keys = z.strictObject({
  date_prefix: z.strictObject({ S: text }),
  file_key: z.strictObject({ S: text }),
});
const image = z.record(text, attributeValue);

const streamRecord = z.discriminatedUnion('eventName', [
  z.object({
    eventName: z.enum(['INSERT', 'MODIFY']),
    dynamodb: z.object({ Keys: keys, NewImage: image }),
  }),
  z.object({ eventName: z.literal('REMOVE'), dynamodb: z.object({ Keys: keys }) }),
]);

/**
 * Reads one line of a replay file: a stream record of the tracking table as Lambda receives it.
 *
 * @throws Refused naming the line and the field that is wrong
 */
function parseReplayLine(line: string, lineNumber: number): ReplayChange {
  const parsed = streamRecord.safeParse(parseJson(line, lineNumber));
  if (!parsed.success) throw badLine(lineNumber, firstIssue(parsed.error));
  const record = parsed.data;
  if (record.eventName === 'REMOVE') return { remove: record.dynamodb.Keys };
  const { Keys, NewImage } = record.dynamodb;
  for (const name of ['date_prefix', 'file_key'] as const) {
    if (NewImage[name]?.S !== Keys[name].S)
      throw badLine(lineNumber, `NewImage.${name} differs from Keys.${name}`);
  }
  return { put: NewImage };
}

function parseJson(line: string, lineNumber: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw badLine(lineNumber, errorText(error));
  }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.');
  return `${where ? `${where}: ` : ''}${issue?.message ?? 'not a stream record'}`;
}

function badLine(lineNumber: number, reason: string): Refused {
  return new Refused(
    'UNAVAILABLE',
    `Line ${lineNumber} of the replay file is not a stream record: ${reason}.`,
    'Each line must be one DynamoDB stream record as Lambda receives it, with Keys and NewImage. Nothing was written.',
  );
}

export interface ReplayOptions {
  readonly dynamoDb: DynamoDBClient;
  readonly table: string;
  /** NDJSON: one stream record per line, as Lambda receives it; empty lines are ignored. */
  readonly path: string;
  /** Stops the replay after the record in flight. */
  readonly signal?: AbortSignal;
}

export interface ReplayResult {
  readonly put: number;
  readonly removed: number;
}

/**
 * Repeats a recorded history: writes the image that each record left, one after another, so that the table's own stream
 * carries it once more. The whole file is checked before the first write.
 *
 * @throws Refused when the file cannot be read or a line is not a stream record; then nothing was written
 */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { path, signal } = options;
  await checkReplayFile(path);
  const result = { put: 0, removed: 0 };
  for await (const change of readChanges(path)) {
    if (signal?.aborted) break;
    await write(options, change);
    result[isPut(change) ? 'put' : 'removed'] += 1;
  }
  return result;
}

/**
 * Reads a history to its end without writing anything.
 *
 * @throws Refused when the file cannot be read or a line is not a stream record
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
    yield* linesOf(input.setEncoding('utf8'));
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    const hint = 'Give the path of an NDJSON file of stream records.';
    throw new Refused('UNAVAILABLE', `Cannot read the replay file: ${error.message}.`, hint, {
      cause: error,
    });
  } finally {
    input.destroy();
  }
}

async function write({ dynamoDb, table }: ReplayOptions, change: ReplayChange): Promise<void> {
  if (isPut(change)) await dynamoDb.send(new PutItemCommand({ TableName: table, Item: change.put }));
  else await dynamoDb.send(new DeleteItemCommand({ TableName: table, Key: change.remove }));
}

function isPut(change: ReplayChange): change is Extract<ReplayChange, { put: unknown }> {
  return 'put' in change;
}
