import type { ManifestFacts } from '../pipeline/evidence-loader.ts';
import { isManifestExpired } from '../pipeline/expiry.ts';
import type { ReportCheck } from '../pipeline/job-reports.ts';
import { hoursInStatus } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { type AgeRules, isOver } from './limits.ts';
import type { Cause, OrphanKind } from './verdict.ts';

/** What a record and its manifest indicate, before a closer look. */
export type Finding =
  | { readonly kind: OrphanKind; readonly cause: Cause }
  /** It is unknown whether anything is wrong, because something could not be checked. */
  | 'unknown'
  /** It is unknown whether anything is wrong, because that depends on an unknown age. */
  | 'age_unknown'
  /** It can no longer be known whether a completed file was converted, because the evidence has expired. */
  | 'unverifiable'
  /** Nothing is wrong. */
  | undefined;

/** A pending file that no builder has taken. */
export function findingInPending(record: TrackingRecord, { limits, now }: AgeRules): Finding {
  return isOver(record, limits.pending, now) ? { kind: 'stuck_in_pending', cause: 'not_taken' } : undefined;
}

/** The rules for files in flight. */
export interface ClaimedRules extends AgeRules {
  readonly profile: Pick<PipelineProfile, 'manifests'>;
}

/**
 * A manifested or processing file, which waits for its manifest's job.
 *
 * @param report about that job, if it was looked for
 */
export function findingInClaimed(
  record: TrackingRecord,
  manifest: ManifestFacts,
  rules: ClaimedRules,
  report?: ReportCheck,
): Finding {
  const { limits, graceHours, now } = rules;
  const processing = parseStatus(record.status).status === 'processing';
  const cause = causeByReport(manifest, report) ?? causeOfHalt(record, manifest, rules);
  if (cause === 'manifest_missing' || cause === 'manifest_gone') {
    return isOver(record, graceHours, now) ? { kind: 'missing_manifests', cause } : undefined;
  }
  const stuck = isOver(record, processing ? limits.processing : limits.manifested, now);
  if (!cause || !stuck) {
    if (stuck && manifest.record && hoursInStatus(manifest.record, now) === undefined) return 'age_unknown';
    return cause === 'manifest_unknown' ? 'unknown' : undefined;
  }
  return { kind: processing ? 'stuck_in_processing' : 'stuck_in_manifested', cause };
}

/** A manifest that no execution has taken, or whose job does not end. */
export function findingInManifest(record: TrackingRecord, rules: AgeRules): Finding {
  const cause = causeInManifestRecord(record, rules);
  return cause === 'not_started' || cause === 'job_stuck' ? { kind: 'stuck_manifests', cause } : undefined;
}

/** What a job has reported, as long as its manifest shows that the job was about this file. */
function causeByReport({ object }: ManifestFacts, report: ReportCheck | undefined): Cause | undefined {
  if (report?.found !== 'yes' || object?.found === 'unknown') return undefined;
  if (object?.found === 'yes' && !object.lists) return undefined;
  switch (report.report.result) {
    case 'failed':
      return 'job_failed';
    case 'wrote_nothing':
      return 'wrote_nothing';
    case 'converted':
      return object?.found === 'yes' ? 'updater_missed' : 'manifest_gone';
  }
}

/** Why a claimed file does not move; undefined while its manifest is in progress. */
function causeOfHalt(file: TrackingRecord, manifest: ManifestFacts, rules: ClaimedRules): Cause | undefined {
  const { name, object, record } = manifest;
  if (name.kind === 'none') return 'no_manifest_named';
  if (name.kind === 'placeholder') return 'builder_died';
  if (object?.found === 'yes' && !object.lists) return 'manifest_overwritten';
  const status = record && parseStatus(record.status).status;
  // An older pipeline keeps one record for all manifests of a date, which soon describes another one: it is no cause,
  // and only keeps a reset from being made without force. A file that an execution has taken is itself marked.
  const isTaken = !record && parseStatus(file.status).status === 'processing';
  if (isTaken) return 'job_stuck';
  const cause = record ? causeInManifestRecord(record, rules) : 'no_manifest_record';
  // A job that runs or has failed has read its manifest, which no longer matters.
  if (object?.found === 'yes' || status === 'processing' || status === 'failed') return cause;
  if (object?.found !== 'no')
    return status === 'completed' ? cause && 'manifest_unknown' : 'manifest_unknown';
  if (status === 'completed') return cause && 'manifest_gone';
  // The manifest's record says why the file waits, until after the manifest expired.
  const isExplained =
    status === 'pending' && cause && isManifestExpired(file, record, rules.profile, rules.now);
  return isExplained ? cause : 'manifest_missing';
}

/** What a manifest's record says about the files that still wait for it. */
function causeInManifestRecord(
  record: TrackingRecord,
  { limits, graceHours, now }: AgeRules,
): Cause | undefined {
  switch (parseStatus(record.status).status) {
    case 'pending':
      // It is registered after its execution was started, which may have overwritten the note that the execution began.
      if (!isOver(record, limits.manifested, now)) return undefined;
      return record.execution_arn ? 'job_stuck' : 'not_started';
    case 'processing':
      return isOver(record, limits.processing, now) ? 'job_stuck' : undefined;
    case 'failed':
      return isOver(record, graceHours, now) ? 'job_failed' : undefined;
    case 'completed':
      return isOver(record, graceHours, now) ? 'updater_missed' : undefined;
    default:
      return 'no_manifest_record';
  }
}
