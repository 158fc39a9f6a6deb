import type { AttributeValue, _Record as SdkRecord } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, AttributeValue as LambdaValue, StreamRecord } from 'aws-lambda';

/** A stream record as a function receives it; position and time are always there. */
export type LambdaStreamRecord = DynamoDBRecord & {
  dynamodb: StreamRecord & { SequenceNumber: string; ApproximateCreationDateTime: number };
};

type Item = Record<string, AttributeValue>;

/** The author that the service names for a removal by TTL. */
const TTL_SERVICE = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
const TTL_ATTRIBUTE = 'ttl';

/** Turns what the streams API returns into the JSON that Lambda gives a function. */
export function toLambdaRecord(record: SdkRecord, streamArn: string, now: Date): LambdaStreamRecord {
  const { dynamodb = {} } = record;
  if (!dynamodb.SequenceNumber) throw new Error(`Stream record ${record.eventID} has no sequence number.`);
  const toldSeconds = Math.floor((dynamodb.ApproximateCreationDateTime ?? now).getTime() / 1000);
  const userIdentity = identityOf(record, toldSeconds, now);
  return {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion,
    eventSource: record.eventSource,
    awsRegion: record.awsRegion,
    dynamodb: {
      ApproximateCreationDateTime: creationOf(toldSeconds, now),
      Keys: toLambdaItem(dynamodb.Keys ?? {}),
      ...(dynamodb.NewImage && { NewImage: toLambdaItem(dynamodb.NewImage) }),
      ...(dynamodb.OldImage && { OldImage: toLambdaItem(dynamodb.OldImage) }),
      SequenceNumber: dynamodb.SequenceNumber,
      SizeBytes: dynamodb.SizeBytes,
      StreamViewType: dynamodb.StreamViewType,
    },
    ...(userIdentity && { userIdentity }),
    eventSourceARN: streamArn,
  };
}

/**
 * The time of the change, to the second, as the service reports it. For a time that is cut to the minute, the best estimate is
 * when the record was read, a moment after the change, but never later than that minute.
 */
function creationOf(toldSeconds: number, now: Date): number {
  return Math.max(toldSeconds, Math.min(latestCreation(toldSeconds), Math.floor(now.getTime() / 1000)));
}

/**
 * The latest time at which the change can have happened, in epoch seconds. DynamoDB Local cuts creation times
 * to the minute, so one on a full minute means any time within it.
 */
export function latestCreation(createdSeconds: number): number {
  return createdSeconds % 60 === 0 ? createdSeconds + 59 : createdSeconds;
}

/**
 * DynamoDB Local never says who removed an item. The removal of an item whose `ttl` had passed is treated as one by TTL, as
 * the service would have removed it.
 */
function identityOf(record: SdkRecord, createdSeconds: number, now: Date) {
  const { userIdentity, eventName, dynamodb } = record;
  if (userIdentity) return { type: userIdentity.Type, principalId: userIdentity.PrincipalId };
  const ttl = Number(dynamodb?.OldImage?.[TTL_ATTRIBUTE]?.N ?? Number.NaN);
  const removedSeconds = Math.min(latestCreation(createdSeconds), now.getTime() / 1000);
  return eventName === 'REMOVE' && ttl <= removedSeconds ? TTL_SERVICE : undefined;
}

function toLambdaItem(item: Item): Record<string, LambdaValue> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toLambdaValue(value)]));
}

function toLambdaValue(value: AttributeValue): LambdaValue {
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  if (value.L) return { L: value.L.map(toLambdaValue) };
  if (value.M) return { M: toLambdaItem(value.M) };
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.SS) return { SS: value.SS };
  if (value.NS) return { NS: value.NS };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.NULL !== undefined) return { NULL: value.NULL };
  // DynamoDB Local streams `{}` instead of an empty map.
  if (Object.keys(value).length === 0) return { M: {} };
  throw new Error(`Unknown attribute type: ${Object.keys(value).join(', ')}`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
