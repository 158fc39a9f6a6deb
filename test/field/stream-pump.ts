import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type _Record as SdkRecord,
} from '@aws-sdk/client-dynamodb-streams';
import { toLambdaRecord } from '../../infra/local-lambda/event.ts';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { nothingSeen } from '../../shared/projection/seen.ts';
import type { LocalAws } from '../support/local-aws.ts';
import { applyDeps } from '../support/projection.ts';

const BATCH = 100;

/** Brings what was written to the tracking table since the last time to the projection. */
export type StreamPump = (nowMillis: number) => Promise<void>;

/**
 * Hands the table's stream to the real consumer, as Lambda would, but with the times of the play: DynamoDB Local
 * has only the real ones.
 */
export async function createStreamPump(aws: LocalAws): Promise<StreamPump> {
  const { Table } = await aws.dynamoDb.send(new DescribeTableCommand({ TableName: aws.trackingTable }));
  const arn = Table?.LatestStreamArn ?? '';
  const read = createReader(aws, arn);
  const seen = nothingSeen(undefined);
  return async (now) => {
    const records = await read();
    const time = new Date(now);
    const events = records.map((record) => {
      const dynamodb = { ...record.dynamodb, ApproximateCreationDateTime: time };
      return toLambdaRecord({ ...record, dynamodb }, arn, time);
    });
    for (let start = 0; start < events.length; start += BATCH) {
      const { unapplied, deadLetters } = await consumeBatch(
        events.slice(start, start + BATCH),
        applyDeps(aws, { now, seen }),
        { s3: aws.s3, bucket: aws.buckets.deadLetter },
      );
      if (unapplied.length + deadLetters.length > 0)
        throw new Error(`The consumer left out: ${JSON.stringify([unapplied, deadLetters])}`);
    }
  };
}

/** Reads on where it stopped; a shard that has ended is followed by the next one. */
function createReader({ streams }: LocalAws, StreamArn: string): () => Promise<SdkRecord[]> {
  const iterators = new Map<string, string | undefined>();
  const read = new Set<string>();
  return async () => {
    const records: SdkRecord[] = [];
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    for (const { ShardId = '' } of StreamDescription?.Shards ?? []) {
      if (!iterators.has(ShardId)) {
        const from = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
        iterators.set(ShardId, (await streams.send(new GetShardIteratorCommand(from))).ShardIterator);
      }
      let isEmpty = true;
      for (let ShardIterator = iterators.get(ShardId); ShardIterator; ) {
        const { Records = [], NextShardIterator } = await streams.send(
          new GetRecordsCommand({ ShardIterator }),
        );
        records.push(...Records);
        isEmpty = isEmpty && Records.length === 0;
        iterators.set(ShardId, NextShardIterator);
        ShardIterator = Records.length > 0 ? NextShardIterator : undefined;
      }
      // DynamoDB Local takes the place after nothing for one before its oldest record, and refuses it.
      if (isEmpty && !read.has(ShardId)) iterators.delete(ShardId);
      else read.add(ShardId);
    }
    return records;
  };
}
