import type { Deps } from '../aws/deps.ts';
import { explainRows, hasRows, isProvedLost as isLost, mayBeConverted } from '../data-proof/explain-rows.ts';
import { readFileProof } from '../data-proof/kept-proof.ts';
import { cached } from '../flow/cache.ts';
import { executionEnded, runningOfDate } from '../pipeline/execution.ts';
import { manifestPlace } from '../pipeline/job-report.ts';
import { createReportFinder } from '../pipeline/job-reports.ts';
import { inputLocations } from '../pipeline/layout.ts';
import { manifestName } from '../pipeline/manifest.ts';
import { bareName } from '../pipeline/names.ts';
import { jobSpan } from '../pipeline/outputs.ts';
import { MANIFEST_OF_DATE, manifestKey } from '../pipeline/record.ts';
import {
  isReset,
  mayBeRunning,
  nameObstacle,
  obstacleToReset,
  type ResetObstacle,
} from '../pipeline/retryable.ts';
import { parseStatus } from '../pipeline/status.ts';
import { checkAnyOf, checkObject, type ObjectCheck } from '../pipeline/storage.ts';
import { rawText, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { parseFieldTime } from '../text/time.ts';
import type { Change, ChangeFile, FileResult } from './change.ts';

/** What the search for obstacles works on. */
export type ResetDeps = Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now'>;

/** Looks for an obstacle to the reset of a file; undefined when there is none. */
export type ResetCheck = (record: TrackingRecord) => Promise<ResetObstacle | undefined>;

const MOST_MANIFESTS = 10_000;

/**
 * A check for the files of one plan or change: a HEAD for each input, its kept rows, and a read of each manifest's
 * record or a HEAD for its object, which many files share. Nothing is read before the first file. It never throws
 * because of S3.
 */
export function createResetCheck(deps: ResetDeps): ResetCheck {
  const { profile, now } = deps;
  const manifestAt = cached((place: string) => readManifestRecord(deps, JSON.parse(place)), {
    most: MOST_MANIFESTS,
    weightOf: () => 1,
  });
  const isMissingAt = cached(
    async (place: string) => (await checkObject(deps.storage.s3, JSON.parse(place))).found === 'no',
    { most: MOST_MANIFESTS, weightOf: () => 1 },
  );
  // Created with the first file: an undo checks none, and its command has no client for the buckets.
  let reports: ReportFinder | undefined;
  const reportOn: ReportFinder = (...asked) => {
    reports ??= createReportFinder(deps.storage.s3, deps.storage.buckets.manifest, profile);
    return reports(...asked);
  };
  return async (record) => {
    // The name alone may decide, and then nothing needs to be read.
    const unreadable = nameObstacle(record, profile);
    if (unreadable) return unreadable;
    const { s3, buckets } = deps.storage;
    const name = manifestName(record.manifest_path, buckets.manifest);
    const isNamed = mayBeRunning(record) && name.kind === 'object';
    const [input, manifest, kept] = await Promise.all([
      checkAnyOf((location) => checkObject(s3, location), inputLocations(record, deps.storage, profile)),
      isNamed ? manifestAt(JSON.stringify([record.date_prefix, bareName(name.location.key)])) : undefined,
      readFileProof(deps.projection, record),
    ]);
    const rows = rowsOf(explainRows(kept, record, now), record, input, now);
    if (!mayBeRunning(record)) return obstacleToReset(record, { input, execution: undefined, rows }, profile);
    const found = isNamed
      ? await reportOn(manifestPlace(name.location), jobSpan(record, manifest, now), now)
      : undefined;
    const report = found && reportOfThisRun(found, manifest);
    const told = executionEnded(record, { name, manifest, report }, { profile, now });
    // Where records leave it open, the manifest's object may decide.
    const isOpen = isNamed && !told.ended && told.execution_arn === undefined;
    const isMissing = isOpen && (await isMissingAt(JSON.stringify(name.location)));
    const execution = isMissing
      ? executionEnded(record, { name, manifest, report, isMissing }, { profile, now })
      : told;
    return obstacleToReset(record, { input, execution, rows }, profile);
  };
}

/** A completed file is reset without force only if it is proved lost, and this may have changed since it was planned. */
function rowsOf(
  said: ReturnType<typeof explainRows>,
  record: TrackingRecord,
  input: ObjectCheck,
  now: number,
): 'found' | 'may_be' | undefined {
  if (parseStatus(record.status).status !== 'completed')
    return mayBeConverted(said, record, input, now) ? 'found' : undefined;
  if (isLost(said, now)) return undefined;
  return said && hasRows(said) ? 'found' : 'may_be';
}

type ReportFinder = ReturnType<typeof createReportFinder>;

/** A report from before the manifest's present run is about an earlier run. */
function reportOfThisRun(
  found: Awaited<ReturnType<ReportFinder>>,
  manifest: TrackingRecord | undefined,
): { readonly status: string } | undefined {
  if (found.found !== 'yes') return undefined;
  const started = Date.parse(parseFieldTime(manifest?.processing_start_time) ?? '');
  const isEarlier = (found.report.endedAt ?? Number.NaN) < started;
  return isEarlier ? undefined : { status: found.report.result };
}

/**
 * Whether the rows of the output prove that a completed file was never converted: resetting it doubles nothing. This
 * depends on the last verification of its date, within the last two days, and does not hold for a record that was
 * changed since.
 */
export async function isProvedLost(
  { projection, now }: Pick<ResetDeps, 'projection' | 'now'>,
  record: TrackingRecord,
): Promise<boolean> {
  if (parseStatus(record.status).status !== 'completed') return false;
  return isLost(explainRows(await readFileProof(projection, record), record, now), now);
}

/** The obstacle to a write of a status, if it is a reset. */
export async function obstacleToWrite(
  check: ResetCheck,
  record: TrackingRecord | undefined,
  new_status: string,
): Promise<ResetObstacle | undefined> {
  return record && isReset(record.status, new_status) ? check(record) : undefined;
}

/**
 * The last check before a file is reset: between plan and write its input may have disappeared or its rows may have been
 * found, if the plan was saved or the change is resumed days later. An undo restores what was there.
 */
export async function leaveOut(
  { tracking }: Pick<ResetDeps, 'tracking'>,
  { undoes }: Pick<Change, 'undoes'>,
  { key, before, after, forced }: ChangeFile,
  check: ResetCheck,
): Promise<FileResult | undefined> {
  const from = rawText(before, 'status');
  if (forced || undoes !== undefined || !isReset(from, rawText(after, 'status'))) return undefined;
  const record = await readRecord(tracking, key);
  // If the record has changed in the meantime, the guard of its write finds that.
  const leftOut = record?.status === from ? record && (await check(record)) : undefined;
  return leftOut && { kind: 'skipped', differs: [], leftOut };
}

/** A manifest's own record, or that of its date where it says that this manifest's job runs. */
async function readManifestRecord(
  { tracking }: Pick<ResetDeps, 'tracking'>,
  [date_prefix, name]: readonly [string, string],
): Promise<TrackingRecord | undefined> {
  const key = manifestKey(date_prefix, name);
  const own = key && (await readRecord(tracking, key));
  if (own) return own;
  return runningOfDate(await readRecord(tracking, { date_prefix, file_key: MANIFEST_OF_DATE }), name);
}
