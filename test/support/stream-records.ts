import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';

type Attributes = Readonly<Record<string, unknown>>;

/** The label of a stream whose sequence numbers grow from 21 to 22 digits within a few records. */
export const FIRST_STREAM = '2026-11-23T05:22:46.000';
/** The same table's stream after it was switched off and on: lower numbers, later label. */
export const SECOND_STREAM = '2026-11-25T08:00:00.000';

/**
 * A tracking table in memory that streams what is written to it, in the form that Lambda delivers. Sequence numbers
 * have realistic lengths: `first` is the number of the first record. From `createdSeconds` on a record is streamed
 * every second; a record whose own time is much later would be a mistake of its writer.
 */
export function streamedTable({
  label = FIRST_STREAM,
  first = 999_999_999_999_999_999_990n,
  items = new Map<string, Attributes>(),
  createdSeconds = 1_795_411_380,
} = {}) {
  let sequence = first;
  const emit = (
    eventName: 'INSERT' | 'MODIFY' | 'REMOVE',
    key: Attributes,
    before: Attributes | undefined,
    after: Attributes | undefined,
  ): DynamoDBRecord => {
    sequence += 1n;
    return {
      eventID: `event-${sequence}`,
      eventName,
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-central-1',
      dynamodb: {
        ApproximateCreationDateTime: createdSeconds + Number(sequence - first),
        Keys: image(key),
        ...(after && { NewImage: image(after) }),
        ...(before && { OldImage: image(before) }),
        SequenceNumber: String(sequence),
        SizeBytes: 400,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN: `arn:aws:dynamodb:eu-central-1:123456789012:table/tracking/stream/${label}`,
    };
  };
  return {
    items,
    /** Inserts or changes a record; attributes that are undefined are removed. */
    write(file_key: string, attributes: Attributes, date_prefix = '2026-11-23'): DynamoDBRecord {
      const key = { date_prefix: date_prefix, file_key: file_key };
      const id = JSON.stringify(key);
      const before = items.get(id);
      const after = { ...before, ...attributes, ...key };
      items.set(id, after);
      return emit(before ? 'MODIFY' : 'INSERT', key, before, after);
    },
    remove(file_key: string, date_prefix = '2026-11-23'): DynamoDBRecord {
      const key = { date_prefix: date_prefix, file_key: file_key };
      const before = items.get(JSON.stringify(key));
      items.delete(JSON.stringify(key));
      return emit('REMOVE', key, before, undefined);
    },
  };
}

/** A file's first record as in the field: with a shard, times with microseconds, and no `updated_at`. */
export function uploaded(shard = 3): Attributes {
  return {
    status: `pending#${shard}`,
    shard_id: shard,
    file_size_mb: 0.005183219909667969,
    file_path: 's3://etl-input/pipeline/input/2026-11-23/a.ndjson',
    created_at: '2026-11-23T05:22:53.532494+00:00',
    ttl: 1_798_003_373,
  };
}

function image(attributes: Attributes): NonNullable<DynamoDBRecord['dynamodb']>['Keys'] {
  return marshall(attributes, { removeUndefinedValues: true }) as NonNullable<
    DynamoDBRecord['dynamodb']
  >['Keys'];
}
