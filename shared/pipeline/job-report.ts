import { parseFieldTime } from '../text/time.ts';
import { cutTo } from '../text/visible-text.ts';
import { type Location, parsePath, realName } from './names.ts';
import type { Span } from './outputs.ts';

/** What a job reported when it ended. */
export interface JobReport {
  readonly location: Location;
  /** The manifest that it worked on, as `bucket/key`. */
  readonly manifest: string;
  readonly result: 'converted' | 'wrote_nothing' | 'failed';
  /** Where it has written, according to itself. */
  readonly outputs: readonly Location[];
  /** How many rows it converted. */
  readonly records: number | undefined;
  readonly error: string | undefined;
  readonly jobName: string | undefined;
  readonly runId: string | undefined;
  /** Both in milliseconds since the epoch. */
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

const LONGEST_ERROR = 500;
const MOST_OUTPUTS = 10;

/**
 * Reads a job's report, even if parts are missing.
 *
 * @returns undefined when it does not say which manifest it is about, or how the job ended
 */
export function parseJobReport(text: string, location: Location): JobReport | undefined {
  const report = fieldsIn(parseJson(text));
  const info = fieldsIn(report.job_info);
  const summary = fieldsIn(report.processing_summary);
  const manifest = parsePath(summary.manifest_processed, location.bucket);
  const result = resultOf(summary, report.parquet_files);
  if (!manifest || !result) return undefined;
  const error = textIn(report.error_message);
  return {
    location,
    manifest: manifestPlace(manifest),
    result,
    outputs: outputsIn(report.parquet_files),
    records: numberIn(summary.records_processed),
    error: error && cutTo(error, LONGEST_ERROR),
    jobName: textIn(info.job_name),
    runId: textIn(info.job_run_id),
    startedAt: millisOf(info.start_time),
    endedAt: millisOf(info.end_time),
  };
}

/** When the job ran, according to its report; undefined when that does not say. */
export function spanOf({ startedAt, endedAt }: JobReport): Span | undefined {
  return startedAt === undefined || endedAt === undefined ? undefined : { from: startedAt, to: endedAt };
}

/** A manifest as reports and records are matched by it. */
export function manifestPlace({ bucket, key }: Location): string {
  return `${bucket}/${realName(key)}`;
}

/** A success that reports no output converted nothing. */
function resultOf(summary: Fields, parquetFiles: unknown): JobReport['result'] | undefined {
  const status = textIn(summary.status)?.toLowerCase() ?? '';
  if (status.startsWith('fail') || status.startsWith('error')) return 'failed';
  if (!status.startsWith('succe')) return undefined;
  const listed = Array.isArray(parquetFiles) ? parquetFiles.length : undefined;
  const files = numberIn(summary.parquet_files_created) ?? listed;
  return numberIn(summary.records_processed) === 0 || files === 0 ? 'wrote_nothing' : 'converted';
}

function outputsIn(parquetFiles: unknown): Location[] {
  const files = Array.isArray(parquetFiles) ? parquetFiles : [];
  const places = files.flatMap((file) => textIn(fieldsIn(file).output_path) ?? []);
  return [...new Set(places)].flatMap((place) => parsePath(place, '') ?? []).slice(0, MOST_OUTPUTS);
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function millisOf(value: unknown): number | undefined {
  const time = parseFieldTime(value);
  return time === undefined ? undefined : Date.parse(time);
}
