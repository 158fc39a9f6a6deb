import {
  expiry,
  jobRunId,
  manifestUri,
  type RecordContext,
  type RecordKeys,
  type RecordUpdate,
  spellTime,
} from './records.ts';
import type { Action } from './scenarios.ts';

const lockSeconds = 300;
const manifestSeconds = 30 * 86_400;
const execution = 'arn:aws:states:us-east-1:123456789012:execution:ndjson-parquet-processor';

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

const resourceError =
  '{Error=Glue.ResourceNumberLimitExceededException, Cause=Failed to start job run due to exceeded resource limits}';

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
