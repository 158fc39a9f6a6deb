import { DeleteCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { streamArnOf } from '../../infra/local/tables.ts';
import { readRecord, type TrackingRecord, trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { changesOf } from '../../shared/projection/counter-kinds.ts';
import { addCounts, counterWrites } from '../../shared/projection/counter-writes.ts';
import { keepDeadLetter } from '../../shared/projection/dead-letters.ts';
import { asCounted, type Head } from '../../shared/projection/head.ts';
import { headItem, headKey } from '../../shared/projection/items.ts';
import { readHead } from '../../shared/projection/projection-table.ts';
import type { LocalAws } from '../support/local-aws.ts';
import { FIELD_PROFILE } from '../support/profile.ts';
import type { FedSystem } from './local-system.ts';

/** Causes faults of the projection, each for a file that is already in the tracking table. */
export function projectionFaults(fed: FedSystem) {
  const { aws } = fed;
  return {
    /** A file that the stream never showed. */
    async unseen(date: string, file_key: string): Promise<void> {
      await moveHead(aws, (await advance(fed, date, file_key)).head, undefined);
    },

    /** A file whose last step the stream did not show. */
    async behind(date: string, file_key: string): Promise<void> {
      await moveHead(aws, (await advance(fed, date, file_key)).head, 'manifested');
    },

    /** A date that was not recorded. */
    async unnoted(date: string): Promise<void> {
      const Key = { pk: 'DATES', sk: date };
      await aws.documents.send(new DeleteCommand({ TableName: aws.projectionTable, Key }));
    },

    /** Counters of everything that are wrong although those of the dates are right. */
    async miscounted(): Promise<void> {
      const wrong = { delta: { file_failed: 5 }, asOf: undefined, now: Date.now() };
      const TransactItems = [addCounts(aws.projectionTable, undefined, 0, wrong)];
      await aws.documents.send(new TransactWriteCommand({ TransactItems }));
    },

    /** A file whose stream record the consumer could not apply. @returns the key of its dead letter */
    refused: (date: string, file_key: string) => refuse(fed, date, file_key),
  };
}

async function refuse(fed: FedSystem, date: string, file_key: string): Promise<string> {
  const { system, aws } = fed;
  const { record, head } = await advance(fed, date, file_key);
  await moveHead(aws, head, undefined);
  const inserted = insertOf(record, head, await streamArnOf(system.dynamoDb, aws.trackingTable));
  const reason = 'The projection table refused it: AccessDenied.';
  const store = { s3: aws.s3, bucket: aws.buckets.deadLetter };
  return keepDeadLetter(store, { reason, records: [inserted] }, Date.now());
}

/** A record and its head, once the stream has delivered it. */
async function advance({ system, aws }: FedSystem, date_prefix: string, file_key: string) {
  await system.stream.idle();
  const tracking = trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE);
  const projection = { docs: aws.documents, name: aws.projectionTable };
  const record = await readRecord(tracking, { date_prefix, file_key });
  const head = await readHead(projection, { date_prefix: date_prefix, file_key: file_key });
  if (!record || !head) throw new Error(`${file_key} has no record, or no head.`);
  return { record, head };
}

/** Writes or removes a head, together with its counters. */
async function moveHead(aws: LocalAws, head: Head, status: string | undefined): Promise<void> {
  const TableName = aws.projectionTable;
  const after = status === undefined ? undefined : asCounted({ ...head, status });
  const item = after
    ? { Put: { TableName, Item: headItem(after) } }
    : { Delete: { TableName, Key: headKey(head) } };
  const { entity, date_prefix } = head;
  const changes = changesOf({ entity, date_prefix, before: head, after, arrivals: [], steps: [] });
  const counters = counterWrites(TableName, [{ items: [item], changes, asOf: undefined }], 0, Date.now());
  await aws.documents.send(new TransactWriteCommand({ TransactItems: [item, ...counters] }));
}

/** The stream record that created the head of a file. */
function insertOf(record: TrackingRecord, head: Head, eventSourceARN: string) {
  const { date_prefix, file_key } = record;
  const [, sequenceNumber = ''] = head.position.split('#');
  return {
    eventName: 'INSERT',
    eventSourceARN,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.parse(head.since) / 1_000),
      Keys: marshall({ date_prefix, file_key }),
      NewImage: marshall(record),
      SequenceNumber: sequenceNumber.replace(/^0+/, ''),
    },
  };
}
