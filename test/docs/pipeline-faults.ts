import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { fieldFiles } from '../support/field-files.ts';
import type { LocalAws } from '../support/local-aws.ts';

const CLAIMED = { status: 'manifested#2' };

/**
 * Causes faults of the pipeline.
 *
 * @param begun when they began, in milliseconds since the epoch
 */
export function pipelineFaults(aws: LocalAws, date: string, begun: number) {
  const files = fieldFiles(aws, date, begun);
  return {
    /** A file that its builder claimed and left. */
    async abandoned(file_key: string): Promise<void> {
      await files.input(file_key);
      await files.record(file_key, { ...CLAIMED, manifest_path: `pending-manifest-${date}-1-1` });
    },

    /** A file that its builder claimed and left, and whose input is gone. */
    async withoutInput(file_key: string): Promise<void> {
      await files.record(file_key, { ...CLAIMED, manifest_path: `pending-manifest-${date}-1-2` });
    },

    /** A file that was converted, but whose record was never updated. */
    async unnoticed(file_key: string): Promise<void> {
      await files.input(file_key);
      await files.output();
      const manifest_path = await files.manifest(`${file_key}.json`, [file_key], { status: 'completed' });
      await files.record(file_key, { ...CLAIMED, manifest_path });
    },

    /** A completed file that its manifest does not list, because another builder overwrote the manifest. */
    async overwritten(file_key: string): Promise<void> {
      await files.input(file_key);
      const manifest_path = await files.manifest(`${file_key}.json`, ['another.ndjson']);
      const completed_time = new Date(begun).toISOString();
      await files.record(file_key, { status: 'completed#2', completed_time, manifest_path });
    },

    /** A file that its job could not convert. */
    async failed(file_key: string, error_message: string): Promise<void> {
      await files.input(file_key);
      await files.record(file_key, { status: 'failed#1', error_message });
    },

    /** A lock that its builder left behind. */
    async staleLock(): Promise<void> {
      const Item = { date_prefix: `LOCK#${date}`, file_key: 'LOCK', ttl: Math.floor(begun / 1_000) };
      await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
    },
  };
}
