import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { LocalSetupError } from '../setup-error.ts';

export type Item = Record<string, AttributeValue>;

/** What one stream record did to the table: put an image, or removed the item. */
export type ReplayChange = { readonly put: Item } | { readonly remove: Item };

const text = z.string();
// Lambda hands binary values over as base64; the SDK writes bytes.
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
 * @throws LocalSetupError naming the line and the field that is wrong
 */
export function parseReplayLine(line: string, lineNumber: number): ReplayChange {
  const parsed = streamRecord.safeParse(parseJson(line, lineNumber));
  if (!parsed.success) throw badLine(lineNumber, firstIssue(parsed.error));
  const record = parsed.data;
  if (record.eventName === 'REMOVE') return { remove: record.dynamodb.Keys };
  const { Keys, NewImage } = record.dynamodb;
  for (const name of ['date_prefix', 'file_key'] as const) {
    if (NewImage[name]?.S !== Keys[name].S) throw badLine(lineNumber, `NewImage.${name} is not that of Keys`);
  }
  return { put: NewImage };
}

function parseJson(line: string, lineNumber: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw badLine(lineNumber, error instanceof Error ? error.message : String(error));
  }
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  const where = issue?.path.join('.');
  return `${where ? `${where}: ` : ''}${issue?.message ?? 'not a stream record'}`;
}

function badLine(lineNumber: number, reason: string): LocalSetupError {
  return new LocalSetupError(
    `Line ${lineNumber} of the replay file is not a stream record: ${reason}.`,
    'Each line must be one DynamoDB stream record as Lambda receives it, with Keys and NewImage. Nothing was written.',
  );
}
