import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { eventSpelling } from '../../shared/pipeline/names.ts';
import { isoTime } from '../../shared/text/time.ts';
import type { LocalAws } from './local-aws.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Puts single records and objects as the pipeline would, at the time `begun` unless a field says otherwise. */
export function fieldFiles(aws: LocalAws, date: string, begun = Date.now()) {
  const put = (bucket: string, key: string, Body: string, Metadata?: Record<string, string>) =>
    aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, Metadata }));
  const write = async (file_key: string, fields: Fields) => {
    const Item = { date_prefix: date, file_key: file_key, created_at: isoTime(begun), ...fields };
    await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
    return Item;
  };
  const folder = `pipeline/input/${date}/`;
  return {
    /** A record with a status and any other attributes. */
    record: (name: string, fields: Fields) => {
      const file_path = `s3://${aws.buckets.input}/${folder}${eventSpelling(name)}`;
      return write(eventSpelling(name), { file_path, ...fields });
    },
    input: (name: string) => put(aws.buckets.input, folder + name, '{}'),
    quarantined: (name: string) =>
      put(aws.buckets.quarantine, `${folder}${name}`, '{', { quarantine_reason: 'Not valid.' }),
    /** A manifest object that lists these names, and its record if wanted. */
    async manifest(name: string, names: readonly string[], fields?: Fields) {
      const key = `manifests/${date}/${name}`;
      const URIPrefixes = names.map(
        (listed) => `s3://${aws.buckets.input}/${folder}${eventSpelling(listed)}`,
      );
      await put(aws.buckets.manifest, key, JSON.stringify({ fileLocations: [{ URIPrefixes }] }));
      const manifest_path = `s3://${aws.buckets.manifest}/${key}`;
      if (fields) await write(`MANIFEST#${name}`, { manifest_path, file_count: names.length, ...fields });
      return manifest_path;
    },
    /** The output of a job: at the bucket's root, unless a prefix is given. */
    output: (prefix = '') =>
      put(aws.buckets.output, `${prefix}merged-parquet-${date}/part-0.parquet`, 'PAR1'),
    outputAt: (key: string) => put(aws.buckets.output, key, 'PAR1'),
    /** Removes the inputs and manifests of the date, as lifecycle rules do in time. */
    async expire() {
      for (const bucket of [aws.buckets.input, aws.buckets.manifest]) {
        const { Contents = [] } = await aws.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
        const keys = Contents.flatMap(({ Key = '' }) =>
          Key.includes(`/${date}/`) && !Key.startsWith('logs/') ? Key : [],
        );
        for (const Key of keys) await aws.s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
      }
    },
  };
}
