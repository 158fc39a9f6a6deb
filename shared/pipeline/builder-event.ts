import { isoTime } from '../text/time.ts';
import type { Location } from './names.ts';

/** An object as S3's event would describe it to the builder. */
export interface NotifiedObject extends Location {
  /** As S3's events spell it. */
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
}

/** Where and when the event is made. */
export interface EventSetting {
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Unique: the message's id. */
  readonly id: string;
}

/**
 * The event that a queue passes to the builder's function when an object was put, with one message. Its body is as S3
 * makes it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html, its wrapping
 * that of https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html. Pure.
 */
export function builderEvent(object: NotifiedObject, setting: EventSetting) {
  const { region, now, id } = setting;
  return {
    Records: [
      {
        messageId: id,
        receiptHandle: id,
        body: JSON.stringify({ Records: [notification(object, setting)] }),
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: String(now),
          SenderId: SENDER,
          ApproximateFirstReceiveTimestamp: String(now),
        },
        messageAttributes: {},
        eventSource: 'aws:sqs',
        eventSourceARN: `arn:aws:sqs:${region}:000000000000:${SENDER}`,
        awsRegion: region,
      },
    ],
  };
}

/** The sender of the event: it shows in the builder's log that no upload was the cause. */
const SENDER = 'state-manager-wake-builder';

function notification({ bucket, key, bytes, etag }: NotifiedObject, { region, now, id }: EventSetting) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: isoTime(now),
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: SENDER },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': id, 'x-amz-id-2': id },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: SENDER,
      bucket: { name: bucket, ownerIdentity: { principalId: SENDER }, arn: `arn:aws:s3:::${bucket}` },
      object: { key, size: bytes, eTag: etag, sequencer: now.toString(16).toUpperCase().padStart(18, '0') },
    },
  };
}
