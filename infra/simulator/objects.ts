import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Batch, PlannedFile } from './life.ts';
import { eventPath, manifestKey, outputPrefix } from './records.ts';

export interface PipelineBuckets {
  readonly input: string;
  readonly manifest: string;
  readonly output: string;
  readonly quarantine: string;
}

/** Puts a small NDJSON in place of the file; its planned size is only told by its record. */
export async function putInput(s3: S3Client, buckets: PipelineBuckets, file: PlannedFile): Promise<void> {
  const Body = `${JSON.stringify({ file: file.fileKey, bytes: file.bytes })}\n`;
  await s3.send(new PutObjectCommand({ Bucket: buckets.input, Key: file.objectKey, Body }));
}

/** Puts the manifest that lists these files; one of the same name is overwritten, as in the field. */
export async function putManifest(
  s3: S3Client,
  buckets: PipelineBuckets,
  batch: Batch,
  files: readonly PlannedFile[],
): Promise<void> {
  const URIPrefixes = files.map((file) => `s3://${buckets.input}/${eventPath(file)}`);
  const settings = { format: 'JSON', textqualifier: '"' };
  const Body = JSON.stringify({ fileLocations: [{ URIPrefixes }], globalUploadSettings: settings });
  await s3.send(new PutObjectCommand({ Bucket: buckets.manifest, Key: manifestKey(batch), Body }));
}

/** Puts the one Parquet file that a job makes of a batch. */
export async function putOutput(s3: S3Client, buckets: PipelineBuckets, batch: Batch): Promise<void> {
  const Key = `${outputPrefix(batch)}part-00000-${batch.executionId}-c000.snappy.parquet`;
  await s3.send(new PutObjectCommand({ Bucket: buckets.output, Key, Body: 'PAR1' }));
}

/** Puts the copy of a refused file in the quarantine bucket; only its metadata says why it is there. */
export async function putInQuarantine(
  s3: S3Client,
  buckets: PipelineBuckets,
  file: PlannedFile,
): Promise<void> {
  const Metadata = { 'quarantine-reason': 'Not valid NDJSON.' };
  const Key = `quarantine/${file.objectKey}`;
  await s3.send(new PutObjectCommand({ Bucket: buckets.quarantine, Key, Body: '{', Metadata }));
}
