import type { DynamoDBRecord } from 'aws-lambda';

type Image = NonNullable<DynamoDBRecord['dynamodb']>['Keys'];

/** Repeats the same lives several times, each time with other files. */
export function copies(records: readonly DynamoDBRecord[], times: number): DynamoDBRecord[] {
  return Array.from({ length: times }, (_, copy) =>
    copy === 0 ? records : records.map((record) => renamed(record, `.${copy}`)),
  ).flat();
}

function renamed(record: DynamoDBRecord, suffix: string): DynamoDBRecord {
  const { Keys, NewImage, OldImage, ...rest } = record.dynamodb ?? {};
  return {
    ...record,
    dynamodb: {
      ...rest,
      ...(Keys && { Keys: withSuffix(Keys, suffix) }),
      ...(NewImage && { NewImage: withSuffix(NewImage, suffix) }),
      ...(OldImage && { OldImage: withSuffix(OldImage, suffix) }),
    },
  };
}

function withSuffix(image: NonNullable<Image>, suffix: string): NonNullable<Image> {
  return { ...image, file_key: { S: `${image.file_key?.S}${suffix}` } };
}

/** Distributes the records over shards: all records of a file go to the same shard, in order. */
export function shardsOf(records: readonly DynamoDBRecord[], count: number): DynamoDBRecord[][] {
  const shards = Array.from({ length: count }, (): DynamoDBRecord[] => []);
  const shardOf = new Map<string, number>();
  for (const record of records) {
    const key = JSON.stringify(record.dynamodb?.Keys);
    const shard = shardOf.get(key) ?? shardOf.size % count;
    shardOf.set(key, shard);
    shards[shard]?.push(record);
  }
  return shards;
}
