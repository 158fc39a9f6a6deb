import { PutObjectCommand } from '@aws-sdk/client-s3';
import { isoTime } from '../../shared/text/time.ts';
import type { LocalAws } from './local-aws.ts';

/** What differs from the usual report. */
export interface ReportFields {
  readonly status?: string;
  readonly records?: number;
  readonly files?: number;
  readonly error?: string;
  readonly runId?: string;
  /** The output that it claims to have written. */
  readonly output?: string;
}

/** Puts job reports as the pipeline's jobs leave them. */
export function jobReports(aws: LocalAws) {
  let count = 0;
  /** @param endedAt milliseconds since the epoch, which the report is named after */
  return async (manifest: string, endedAt: number, fields: ReportFields = {}): Promise<string> => {
    const { status = 'success', records = 12, files = 1, error, runId = 'jr_1', output } = fields;
    const [day, time = ''] = isoTime(endedAt).slice(0, 19).split('T');
    count += 1;
    const Key = `logs/glue/${day}-T${time.replaceAll(':', '')}-${String(count).padStart(8, '0')}-0001.json`;
    const report = {
      job_info: { job_name: 'batch-job', job_run_id: runId, end_time: isoTime(endedAt) },
      processing_summary: {
        manifest_processed: manifest,
        records_processed: records,
        parquet_files_created: files,
        status,
      },
      ...(output !== undefined && { parquet_files: [{ output_path: output, record_count: records }] }),
      ...(error !== undefined && { error_message: error }),
    };
    await aws.s3.send(
      new PutObjectCommand({ Bucket: aws.buckets.manifest, Key, Body: JSON.stringify(report) }),
    );
    return Key;
  };
}
