import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { deleteLock, type GuardedTable, insertRecord, updateRecord } from './guarded-write.ts';
import type { Batch, SimulatedFile, Step } from './life.ts';
import {
  eventPath,
  fileUpdate,
  lockKeys,
  lockRecord,
  manifestKey,
  manifestRecord,
  manifestRecordKeys,
  manifestUpdate,
  outputPrefix,
  type RecordContext,
  type RecordKeys,
  uploadedRecord,
} from './records.ts';

export interface PipelineBuckets {
  readonly input: string;
  readonly manifest: string;
  readonly output: string;
  readonly quarantine: string;
}

/** The table and the buckets that the simulated pipeline works on, and its clock. */
export interface PipelineTarget extends GuardedTable {
  readonly s3: S3Client;
  readonly buckets: PipelineBuckets;
  /** The `ttl` of settled records, as seconds from their last write. */
  readonly keepSettledSeconds: number;
  readonly now: () => number;
}

/**
 * Does one step of a batch's life, file after file as the pipeline does.
 *
 * @returns the records written; the table refuses a write to a record that an operator has changed in the meantime
 */
export async function performStep(target: PipelineTarget, batch: Batch, step: Step): Promise<RecordKeys[]> {
  const files = step.files.flatMap((index) => batch.files[index] ?? []);
  switch (step.action) {
    case 'lock':
    case 'unlock':
    case 'register':
    case 'start_job':
    case 'finish_job':
    case 'break_job':
      return writeMetaRecord(target, batch, step.action);
    case 'store_manifest':
      await putManifest(target.s3, target.buckets, batch, files);
      return [];
    case 'write_output':
      await putOutput(target.s3, target.buckets, batch);
      return [];
    default: {
      const written: RecordKeys[] = [];
      for (const file of files) written.push(...(await performOnFile(target, batch, step, file)));
      return written;
    }
  }
}

async function writeMetaRecord(
  target: PipelineTarget,
  batch: Batch,
  action: 'lock' | 'unlock' | 'register' | 'start_job' | 'finish_job' | 'break_job',
): Promise<RecordKeys[]> {
  const context = contextOf(target, batch);
  if (action === 'lock' || action === 'unlock') {
    const keys = lockKeys(context);
    const isDone =
      action === 'lock'
        ? await insertRecord(target, lockRecord(context), context.nowMillis)
        : await deleteLock(target, keys, batch.executionId);
    return isDone ? [keys] : [];
  }
  const keys = manifestRecordKeys(context);
  const isDone =
    action === 'register'
      ? await insertRecord(target, manifestRecord(context), context.nowMillis)
      : await updateRecord(target, keys, manifestUpdate(action, context));
  return isDone ? [keys] : [];
}

async function performOnFile(
  target: PipelineTarget,
  batch: Batch,
  { action }: Step,
  file: SimulatedFile,
): Promise<RecordKeys[]> {
  const { s3, buckets } = target;
  if ((action === 'upload' || action === 'reject') && file.hasInput) await putInput(s3, buckets, file);
  if (action === 'quarantine' || action === 'reject') await putInQuarantine(s3, buckets, file);
  if (action === 'reject') return [];
  const context = contextOf(target, batch);
  const keys = { date_prefix: batch.date, file_key: file.file_key };
  const isDone =
    action === 'upload'
      ? await insertRecord(target, uploadedRecord(file, context), context.nowMillis)
      : await updateRecord(target, keys, fileUpdate(action, file, context));
  return isDone ? [keys] : [];
}

function contextOf(target: PipelineTarget, batch: Batch): RecordContext {
  const { buckets, keepSettledSeconds, now } = target;
  return { batch, buckets, keepSettledSeconds, nowMillis: now() };
}

/** Puts a small NDJSON in place of the file; only the record has the size that it should have. */
async function putInput(s3: S3Client, buckets: PipelineBuckets, file: SimulatedFile): Promise<void> {
  const Body = `${JSON.stringify({ file: file.file_key, bytes: file.bytes })}\n`;
  await s3.send(new PutObjectCommand({ Bucket: buckets.input, Key: file.objectKey, Body }));
}

/** Puts the manifest that lists these files; one of the same name is overwritten, as in the field. */
async function putManifest(
  s3: S3Client,
  buckets: PipelineBuckets,
  batch: Batch,
  files: readonly SimulatedFile[],
): Promise<void> {
  const URIPrefixes = files.map((file) => `s3://${buckets.input}/${eventPath(file)}`);
  const settings = { format: 'JSON', textqualifier: '"' };
  const Body = JSON.stringify({ fileLocations: [{ URIPrefixes }], globalUploadSettings: settings });
  await s3.send(new PutObjectCommand({ Bucket: buckets.manifest, Key: manifestKey(batch), Body }));
}

/** Puts the one Parquet file that a job makes of a batch. */
async function putOutput(s3: S3Client, buckets: PipelineBuckets, batch: Batch): Promise<void> {
  const Key = `${outputPrefix(batch)}part-00000-${batch.executionId}-c000.snappy.parquet`;
  await s3.send(new PutObjectCommand({ Bucket: buckets.output, Key, Body: 'PAR1' }));
}

/** Puts the copy of a refused file in the quarantine bucket; only its metadata says why it is there. */
async function putInQuarantine(s3: S3Client, buckets: PipelineBuckets, file: SimulatedFile): Promise<void> {
  const Metadata = { quarantine_reason: 'Not valid NDJSON.' };
  const Key = file.objectKey;
  await s3.send(new PutObjectCommand({ Bucket: buckets.quarantine, Key, Body: '{', Metadata }));
}
