import { createHash } from 'node:crypto';
import { storedStatus } from '../../shared/pipeline/status.ts';
import type { Batch, SimulatedFile, TimeSpelling } from './life.ts';
import type { Action } from './scenarios.ts';

/** What identifies a record of the tracking table. */
export type RecordKeys = { readonly date_prefix: string; readonly file_key: string };

type Attributes = Readonly<Record<string, string | number | null>>;

/** What an action writes: attributes to set, on a record whose status is still the expected one, if one is. */
export interface RecordUpdate {
  readonly set: Attributes;
  readonly expectedStatus?: string;
}

/** What a record's attributes depend on. */
export interface RecordContext {
  readonly batch: Batch;
  readonly buckets: { readonly input: string; readonly manifest: string; readonly output: string };
  readonly nowMillis: number;
  /** How long settled records are kept; those in flight are kept for 30 days, as in the field. */
  readonly keepSettledSeconds: number;
}

const inFlightSeconds = 30 * 86_400;
const lockSeconds = 300;
const manifestSeconds = 30 * 86_400;
const execution = 'arn:aws:states:us-east-1:123456789012:execution:ndjson-parquet-processor';
const resourceError =
  '{Error=Glue.ResourceNumberLimitExceededException, Cause=Failed to start job run due to exceeded resource limits}';

/** The record of a file that has just arrived; `updated_at` comes with its first update. */
export function uploadedRecord(file: SimulatedFile, context: RecordContext): Attributes & RecordKeys {
  return {
    date_prefix: context.batch.date,
    file_key: file.file_key,
    status: storedStatus('pending', file.suffix),
    // The pipeline copies the event's key, so that a path is spelled like the event, not like the object.
    file_path: `s3://${context.buckets.input}/${eventPath(file)}`,
    file_size_mb: file.bytes / 1_048_576,
    ...(file.suffix ? { shard_id: Number(file.suffix.slice(1)) } : {}),
    [file.creationAttribute]: spellTime(context.nowMillis, file.spelling),
    ttl: expiry(context, inFlightSeconds),
  };
}

/** The change that an action makes to the record of one file of the batch. */
export function fileUpdate(action: Action, file: SimulatedFile, context: RecordContext): RecordUpdate {
  const now = spellTime(context.nowMillis, file.spelling);
  const status = (name: string) => storedStatus(name, file.suffix);
  const seen = { updated_at: now, ttl: expiry(context, inFlightSeconds) };
  const settled = { updated_at: now, ttl: expiry(context, context.keepSettledSeconds) };
  switch (action) {
    case 'claim':
      return { set: { ...seen, ...claim(file, now, context) }, expectedStatus: status('pending') };
    case 'assign':
      return { set: { ...seen, manifest_path: manifestUri(context) }, expectedStatus: status('manifested') };
    case 'release':
      return {
        set: { ...seen, status: status('pending'), manifest_path: null },
        expectedStatus: status('manifested'),
      };
    case 'process':
      return {
        set: { ...seen, status: status('processing'), processing_start_time: now },
        expectedStatus: status('manifested'),
      };
    case 'complete':
      return { set: { ...settled, status: status('completed'), completed_time: now, ...outcome(context) } };
    case 'fail':
      return {
        set: { ...settled, status: status('failed'), failed_time: now, error_message: glueError(context) },
      };
    case 'quarantine':
      return { set: { ...settled, status: status('quarantined'), error_message: 'Not valid NDJSON.' } };
    default:
      throw new Error(`The action ${action} is not one on a file's record.`);
  }
}

/** The keys of the record that follows a batch's manifest. */
export function manifestRecordKeys({ batch }: RecordContext): RecordKeys {
  return { date_prefix: batch.date, file_key: `MANIFEST#${batch.manifestName}` };
}

/** A manifest's record when it is registered: its status never has a shard suffix. */
export function manifestRecord(context: RecordContext) {
  const { batch, nowMillis } = context;
  const starter = batch.scenario.streamTriggered
    ? { trigger_type: 'stream' }
    : { execution_arn: `${execution}:${batch.executionId}` };
  return {
    ...manifestRecordKeys(context),
    ...starter,
    status: 'pending',
    file_count: batch.files.length,
    manifest_path: manifestUri(context),
    created_at: spellTime(nowMillis, 'offset_micros'),
    ttl: expiry(context, manifestSeconds),
  };
}

/** The change that an action of the job makes to the manifest's record; it never gets an `updated_at`. */
export function manifestUpdate(action: Action, context: RecordContext): RecordUpdate {
  const { nowMillis, keepSettledSeconds } = context;
  const ttl = expiry(context, keepSettledSeconds);
  // The start is written by a function, the end by the state machine, which spells times its own way.
  const now = spellTime(nowMillis, 'zulu_millis');
  switch (action) {
    case 'start_job': {
      const start = spellTime(nowMillis, 'offset_micros');
      return { set: { status: 'processing', processing_start_time: start }, expectedStatus: 'pending' };
    }
    case 'finish_job':
      return { set: { status: 'completed', completed_time: now, glue_job_run_id: jobRunId(context), ttl } };
    case 'break_job':
      return { set: { status: 'failed', failed_time: now, error_message: resourceError, ttl } };
    default:
      throw new Error(`The action ${action} is not one on a manifest's record.`);
  }
}

/** The keys of the lock that the builders of one date hold in turn. */
export function lockKeys({ batch }: RecordContext): RecordKeys {
  return { date_prefix: `LOCK#${batch.date}`, file_key: 'LOCK' };
}

export function lockRecord(context: RecordContext) {
  return {
    ...lockKeys(context),
    locked_by: context.batch.executionId,
    created_at: spellTime(context.nowMillis, 'offset_micros'),
    ttl: expiry(context, lockSeconds),
  };
}

/** `s3://BUCKET/manifests/2026-11-23/batch-0007-20261123-052258.json` */
function manifestUri(context: RecordContext): string {
  return `s3://${context.buckets.manifest}/${manifestKey(context.batch)}`;
}

export function manifestKey(batch: Batch): string {
  return `manifests/${batch.date}/${batch.manifestName}`;
}

/** Where the job writes the Parquet of a batch; all batches of a date share it. */
export function outputPrefix(batch: Batch): string {
  return `pipeline/output/merged-parquet-${batch.date}/`;
}

/** The folder is spelled alike in events and in the bucket; of the name only the event's spelling is known. */
export function eventPath(file: SimulatedFile): string {
  return file.objectKey.slice(0, file.objectKey.lastIndexOf('/') + 1) + file.file_key;
}

/** Seconds since the epoch at which a record may be removed. */
function expiry({ nowMillis }: RecordContext, keepSeconds: number): number {
  return Math.floor(nowMillis / 1_000) + keepSeconds;
}

/** A time as one of the pipeline's writers spells it; the microseconds beyond the millisecond are made up. */
function spellTime(millis: number, spelling: TimeSpelling): string {
  const iso = new Date(millis).toISOString();
  const micros = `${iso.slice(0, -1)}${String(millis % 997).padStart(3, '0')}`;
  switch (spelling) {
    case 'offset_micros':
      return `${micros}+00:00`;
    case 'zulu_millis':
      return iso;
    case 'zulu_seconds':
      return `${iso.slice(0, 19)}Z`;
    case 'naive_micros':
      return micros;
  }
}

/** `jr_` and 64 digits, different at each attempt. */
function jobRunId({ batch, nowMillis }: RecordContext): string {
  return `jr_${createHash('sha256').update(`${batch.executionId} ${nowMillis}`).digest('hex')}`;
}

/** A claim holds a placeholder's place until the manifest is written; the simple pipeline has the manifest first. */
function claim(file: SimulatedFile, now: string, context: RecordContext): Attributes {
  const { batch, nowMillis } = context;
  if (batch.scenario.simple) {
    return { status: 'manifested', manifest_path: manifestKey(batch), manifest_time: now };
  }
  const placeholder = `pending-manifest-${batch.date}-1-${Math.floor(nowMillis / 1_000)}`;
  return { status: storedStatus('manifested', file.suffix), manifest_path: placeholder };
}

function outcome(context: RecordContext): Attributes {
  if (!context.batch.scenario.simple) return { glue_job_run_id: jobRunId(context) };
  return { output_path: `s3://${context.buckets.output}/${outputPrefix(context.batch)}` };
}

function glueError(context: RecordContext): string {
  const cause = { Id: jobRunId(context), JobName: 'ndjson-parquet-batch-job', JobRunState: 'FAILED' };
  const message = 'An error occurred while calling o107.json. Input path does not exist.';
  return `{Error=States.TaskFailed, Cause=${JSON.stringify({ ...cause, ErrorMessage: message })}}`;
}
