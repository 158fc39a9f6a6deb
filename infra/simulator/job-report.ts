import { JOB_NAME } from './error-text.ts';
import { putExpiring } from './expiry.ts';
import type { World } from './world.ts';

/** A job run at its end. */
export interface EndedRun {
  readonly jobRunId: string;
  readonly manifestUri: string;
  readonly startMillis: number;
  readonly records: number;
  /** The folder that the output was written to; undefined if there is none. */
  readonly outputPath?: string | undefined;
  /** Undefined after a success. */
  readonly error?: string | undefined;
}

/** Puts the report that a job run writes at its end into the manifest bucket. */
export async function putReport(world: World, run: EndedRun): Promise<void> {
  const [day = '', time = ''] = new Date(run.startMillis).toISOString().split(/[T.]/);
  const key = `logs/glue/${day}-T${time.replaceAll(':', '')}-${world.random.hex(8)}-0001.json`;
  const report = reportOf(run, world.now());
  const metadata = {
    job_run_id: run.jobRunId,
    execution_status: report.processing_summary.status,
    records_processed: String(run.records),
  };
  await putExpiring(world, 'manifest', key, JSON.stringify(report, undefined, 2), { metadata });
}

function reportOf(
  { jobRunId, manifestUri, startMillis, records, outputPath, error }: EndedRun,
  endMillis: number,
) {
  const hasFailed = error !== undefined;
  const file = { output_path: outputPath, record_count: records, partitions: 1 };
  return {
    job_info: {
      job_name: JOB_NAME,
      job_run_id: jobRunId,
      start_time: new Date(startMillis).toISOString(),
      end_time: new Date(endMillis).toISOString(),
      duration_seconds: (endMillis - startMillis) / 1_000,
    },
    processing_summary: {
      manifest_processed: manifestUri,
      batches_processed: hasFailed ? 0 : 1,
      records_processed: records,
      parquet_files_created: outputPath === undefined ? 0 : 1,
      errors_count: hasFailed ? 1 : 0,
      status: hasFailed ? 'failed' : 'success',
    },
    parquet_files: outputPath === undefined ? [] : [file],
    error_message: error ?? null,
  };
}
