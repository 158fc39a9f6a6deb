import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { consumeBatch } from '../../shared/projection/consume.ts';
import type { LocalAws } from './local-aws.ts';
import { applyDeps } from './projection.ts';
import { streamedTable, uploaded } from './stream-records.ts';

/** The file with a space in its name, in the table's spelling. */
export const SPACED = '2026-11-23+with+space.ndjson';
export const MANIFEST = 'MANIFEST#batch-0001-20261123-052254.json';

/**
 * Puts a few files, two manifests, and one file that the stream lost: both tables as the pipeline and the consumer
 * leave them.
 */
export async function seedRunbookData(aws: LocalAws): Promise<void> {
  const table = streamedTable();
  const seen = [
    table.write('2026-11-22-a.ndjson', uploaded(), '2026-11-22'),
    table.write('2026-11-22-a.ndjson', completed(), '2026-11-22'),
    table.write('2026-11-23-b.ndjson', uploaded(1)),
    table.write('2026-11-23-b.ndjson', { status: 'failed#1', error_message: '=1+1, "odd"\nsecond line' }),
    table.write(SPACED, uploaded(0)),
    table.write(SPACED, { status: 'manifested#0', manifest_time: '2026-11-23T05:24:53.532Z' }),
    table.write(MANIFEST, { status: 'pending', created_at: '2026-11-23T05:22:54Z', file_count: 2 }),
    table.write(MANIFEST, { status: 'completed', completed_time: '2026-11-23T05:30:00Z' }),
    table.write('MANIFEST#batch-0002.json', { status: 'processing', file_count: 7, trigger_type: 'stream' }),
  ];
  table.write('2026-11-23-lost.ndjson', { status: 'pending' });
  const RequestItems = {
    [aws.trackingTable]: [...table.items.values()].map((Item) => ({ PutRequest: { Item } })),
  };
  await aws.documents.send(new BatchWriteCommand({ RequestItems }));
  await consumeBatch(seen, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
}

function completed() {
  return {
    status: 'completed#3',
    updated_at: '2026-11-23T05:32:53Z',
    completed_time: '2026-11-23T05:32:53Z',
    manifest_path: 's3://manifests/batch-0001-20261123-052254.json',
  };
}
