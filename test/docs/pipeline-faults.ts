import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { fieldFiles } from '../support/field-files.ts';
import type { LocalAws } from '../support/local-aws.ts';

const CLAIMED = { status: 'manifested#2' };

/**
 * What goes wrong in the pipeline.
 *
 * @param begun when it did, in milliseconds since the epoch
 */
export function pipelineFaults(aws: LocalAws, date: string, begun: number) {
  const files = fieldFiles(aws, date, begun);
  return {
    /** A file that its builder claimed and left. */
    async abandoned(fileKey: string): Promise<void> {
      await files.input(fileKey);
      await files.record(fileKey, { ...CLAIMED, manifest_path: `pending-manifest-${date}-1-1` });
    },

    /** A file that its builder claimed and left, and whose input is gone. */
    async withoutInput(fileKey: string): Promise<void> {
      await files.record(fileKey, { ...CLAIMED, manifest_path: `pending-manifest-${date}-1-2` });
    },

    /** A file that was converted, while its own record was missed. */
    async unnoticed(fileKey: string): Promise<void> {
      await files.input(fileKey);
      await files.output();
      const manifest_path = await files.manifest(`${fileKey}.json`, [fileKey], { status: 'completed' });
      await files.record(fileKey, { ...CLAIMED, manifest_path });
    },

    /** A completed file that its manifest does not list, since another builder wrote over it. */
    async overwritten(fileKey: string): Promise<void> {
      await files.input(fileKey);
      const manifest_path = await files.manifest(`${fileKey}.json`, ['another.ndjson']);
      const completed_time = new Date(begun).toISOString();
      await files.record(fileKey, { status: 'completed#2', completed_time, manifest_path });
    },

    /** A file that its job could not convert. */
    async failed(fileKey: string, error_message: string): Promise<void> {
      await files.input(fileKey);
      await files.record(fileKey, { status: 'failed#1', error_message });
    },

    /** A lock that its builder left behind. */
    async staleLock(): Promise<void> {
      const Item = { date_prefix: `LOCK#${date}`, file_key: 'LOCK', ttl: Math.floor(begun / 1_000) };
      await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
    },
  };
}
