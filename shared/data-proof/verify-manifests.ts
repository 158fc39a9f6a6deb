import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { createReportFinder } from '../pipeline/job-reports.ts';
import { uriOf } from '../pipeline/storage.ts';
import { countOf, grouped } from '../text/number-text.ts';
import type { ManifestRows, VerifyTotals } from './totals.ts';

/** The rows of a manifest's files compared with its job's report. It is plain JSON. */
export interface ManifestResult {
  /** `bucket/key`. */
  readonly manifest: string;
  /**
   * `short`, `surplus`: fewer or more rows than the job reported. `unknown`: cannot be compared, for the reason in the
   * message.
   */
  readonly result: 'agrees' | 'short' | 'surplus' | 'unknown';
  readonly files: number;
  readonly rows: number;
  /** The number in the job's report; null: there is none. */
  readonly records: number | null;
  readonly report: string | null;
  readonly run_id: string | null;
  readonly message: string;
}

const CONCURRENT_MANIFESTS = 4;
// A job reports at its end, somewhat after it wrote.
const REPORT_MILLIS = 3_600_000;

/** Compares each manifest's rows with what its job says in its report. Reads each report once. */
export async function verifyManifests(
  { storage, profile, now }: Pick<Deps, 'storage' | 'profile' | 'now'>,
  manifests: VerifyTotals['manifests'],
): Promise<readonly ManifestResult[]> {
  const findReport = createReportFinder(storage.s3, storage.buckets.manifest, profile);
  return pMap(
    Object.entries(manifests),
    async ([manifest, rows]) => {
      const span = { from: rows.written, to: Math.min(now, rows.written + REPORT_MILLIS) };
      const check = rows.written > 0 ? await findReport(manifest, span, now) : undefined;
      const report = check?.found === 'yes' ? check.report : undefined;
      const records = report?.records ?? null;
      return {
        manifest,
        files: rows.files,
        rows: rows.rows,
        records,
        report: report ? uriOf(report.location) : null,
        run_id: report?.runId ?? null,
        ...compare(rows, records),
      };
    },
    { concurrency: CONCURRENT_MANIFESTS },
  );
}

/** Pure. */
function compare(
  { files, rows, expected, isMixed }: ManifestRows,
  records: number | null,
): Pick<ManifestResult, 'result' | 'message'> {
  if (records === null) return { result: 'unknown', message: 'No report of its job was found.' };
  if (isMixed)
    return { result: 'unknown', message: 'Rows of its files are unknown, or also come from other jobs.' };
  if (files !== expected) {
    const known = expected === null ? 'Its record does not say' : `Its record says ${grouped(expected)}, not`;
    return { result: 'unknown', message: `${known} that it has ${countOf(files, 'file')}.` };
  }
  const said = `Its job reported ${countOf(records, 'row')}; the output has ${grouped(rows)} of its ${countOf(files, 'file')}.`;
  if (rows === records) return { result: 'agrees', message: said };
  return { result: rows < records ? 'short' : 'surplus', message: said };
}
