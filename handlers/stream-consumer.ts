import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context, DynamoDBBatchResponse } from 'aws-lambda';
import { dynamoDbDocuments } from '../shared/aws/clients.ts';
import { readConfig } from '../shared/aws/config.ts';
import { s3 } from '../shared/aws/s3-client.ts';
import { functionMetrics } from '../shared/metrics/function-metrics.ts';
import { publishConsumption } from '../shared/metrics/stream-consumer.ts';
import { batchFailures, type ConsumeReport, consumeBatch } from '../shared/projection/consume.ts';
import { beginWriter } from '../shared/projection/counter-slots.ts';
import { noteForm } from '../shared/projection/form.ts';
import { nothingSeen } from '../shared/projection/seen.ts';
import type { Writer } from '../shared/projection/writer.ts';
import { acknowledgedClassReader } from '../shared/reports/acknowledgements.ts';
import {
  readCountsFlow,
  readIndexProfile,
  readSenderPath,
  usualSuffixesOf,
} from '../shared/settings/index-profile.ts';

const config = readConfig(['projectionTable', 'deadLetterBucket', 'environment', 'pipelineProfile']);
const projection = { docs: dynamoDbDocuments(), name: config.projectionTable };
const deadLetters = { s3: s3(), bucket: config.deadLetterBucket };
let writer: Writer | undefined;
const usualSuffixes = usualSuffixesOf(readIndexProfile(config.pipelineProfile));
const seen = nothingSeen(readSenderPath(config.pipelineProfile));
const countsFlow = readCountsFlow(config.pipelineProfile);
const readAcknowledged = acknowledgedClassReader(projection);
const logger = new Logger({ serviceName: 'stream-consumer' });
const metrics = functionMetrics('stream-consumer', config.environment);

/** Keeps heads, timelines and counters up to date from the tracking table's stream. */
export async function handler(event: unknown, lambda: Context): Promise<DynamoDBBatchResponse> {
  const records = recordsOf(event);
  const now = Date.now();
  writer ??= await begin(now);
  const deps = {
    projection,
    now,
    writer,
    random: Math.random,
    sleep,
    remainingMillis: () => lambda.getRemainingTimeInMillis(),
    seen,
    usualSuffixes,
    countsFlow,
  };
  const report = await consumeBatch(records, deps, deadLetters);
  publishConsumption(report, metrics, logger, await acknowledgedIn(report, now));
  return batchFailures(records, report.unapplied);
}

/** The acknowledged classes, for a batch with failures. If they cannot be read, the batch must not be applied again for that. */
async function acknowledgedIn(
  { transitions, newClasses }: ConsumeReport,
  now: number,
): Promise<ReadonlySet<string>> {
  if (newClasses.length === 0 && transitions.every(({ toClass }) => toClass === undefined)) return new Set();
  try {
    return await readAcknowledged(now);
  } catch (error) {
    logger.warn('The acknowledgements could not be read', error as Error);
    return new Set();
  }
}

/** A process that may not work on the stored form fails, and its records stay in the stream. */
async function begin(now: number): Promise<Writer> {
  await noteForm(projection);
  return beginWriter({ projection, random: Math.random, now });
}

function recordsOf(event: unknown): readonly unknown[] {
  const records = (event as { Records?: unknown } | null)?.Records;
  if (Array.isArray(records)) return records;
  throw new TypeError(
    'This function expects the events of a DynamoDB stream: an object with a list "Records".',
  );
}
