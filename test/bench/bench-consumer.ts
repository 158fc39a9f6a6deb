import { setTimeout as sleep } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { type ConsumeReport, consumeBatch } from '../../shared/projection/consume.ts';
import { nothingSeen } from '../../shared/projection/seen.ts';
import { createWriter, type Writer } from '../../shared/projection/writer.ts';
import { FIELD_INDEX, type SenderPath, usualSuffixesOf } from '../../shared/settings/index-profile.ts';
import { PROJECTION_TABLE } from './bench-system.ts';

/** Applies one batch completely. */
export type Consume = (batch: readonly unknown[]) => Promise<ConsumeReport>;

/** The stream consumer as one process runs it, without the handler's logging. */
export function createConsumer(
  dynamoDb: DynamoDBClient,
  s3: S3Client,
  writer: Writer = createWriter(Math.random),
  countsFlow = false,
  senderPath?: SenderPath,
): Consume {
  const projection = { docs: dynamoDbDocuments(dynamoDb), name: PROJECTION_TABLE };
  const seen = nothingSeen(senderPath);
  return async (batch) => {
    const context = {
      projection,
      writer,
      now: Date.now(),
      random: Math.random,
      sleep,
      remainingMillis: () => 60_000,
      seen,
      countsFlow,
      usualSuffixes: usualSuffixesOf(FIELD_INDEX),
    };
    const report = await consumeBatch(batch, context, { s3, bucket: 'dead-letters' });
    if (report.unapplied.length + report.deadLetters.length > 0) {
      throw new Error('the stream was not applied completely');
    }
    return report;
  };
}
