import type { ManifestFacts } from '../pipeline/evidence-loader.ts';
import { isManifestExpired } from '../pipeline/expiry.ts';
import { manifestPlace } from '../pipeline/job-report.ts';
import type { ReportCheck } from '../pipeline/job-reports.ts';
import { type OutputFacts, UNKNOWN_START } from '../pipeline/outputs.ts';
import type { ConvertedManifest, LostFile } from '../reports/proofs.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { isoTime } from '../text/time.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import type { Cause, OrphanKind } from './verdict.ts';

/** What decides whether a completed file was converted. */
export interface ConversionFacts extends Facts {
  readonly manifest: ManifestFacts;
}

/** What is expected of a pipeline, and the present time. */
export interface ConversionRules {
  readonly profile: Pick<PipelineProfile, 'manifests'>;
  readonly now: number;
}

/**
 * What is wrong with a completed file. The report of its job decides, or else output that was written while the job
 * ran; both outlast the manifest, whose absence says nothing once it may have expired. What was proved before its
 * evidence expired is still true, unless something proves the contrary now. Pure.
 */
export function findingInCompleted(facts: ConversionFacts, rules: ConversionRules): Finding {
  const live = liveFinding(facts, rules);
  const { lost, outputs } = facts;
  const isOpen = live === undefined || live === 'unknown' || live === 'unverifiable';
  if (!lost || !isOpen || isDisproved(lost, facts, live)) return live;
  // Other jobs have written there since.
  const isLate = lost.cause === 'no_output' && outputs?.found === 'at_other_times';
  return { kind: lost.kind as OrphanKind, cause: isLate ? 'no_output_in_time' : (lost.cause as Cause) };
}

function liveFinding(facts: ConversionFacts, rules: ConversionRules): Finding {
  const { manifest, converted, report, outputs } = facts;
  const { name, object } = manifest;
  if (name.kind === 'placeholder') return { kind: 'not_in_manifest', cause: 'placeholder_left' };
  if (object?.found === 'yes' && !object.lists)
    return { kind: 'not_in_manifest', cause: 'manifest_overwritten' };
  if (object?.found === 'unknown') return 'unknown';
  if (converted) return undefined;
  if (report?.found === 'yes') return findingInReport(report, outputs);
  if (outputs === undefined || outputs.found === 'unknown') return 'unknown';
  const isExpired = object?.found !== 'yes' && isManifestExpiredOf(facts, rules);
  return outputs.found === 'in_time'
    ? findingInManifestLoss(object, isExpired, report)
    : findingInOutputs(outputs, isExpired, report);
}

function findingInReport(
  { report }: Extract<ReportCheck, { found: 'yes' }>,
  outputs: OutputFacts | undefined,
): Finding {
  switch (report.result) {
    case 'converted': {
      // It says where it has written. If nothing is there, nor where output usually is, the file is lost. If there is
      // only output from other times, what it wrote has been removed, or merged into another object.
      if (report.outputs.length === 0) return undefined;
      if (outputs?.found === 'none') return { kind: 'missing_outputs', cause: 'no_output' };
      return outputs?.found === 'at_other_times'
        ? { kind: 'missing_outputs', cause: 'no_output_in_time' }
        : undefined;
    }
    case 'wrote_nothing':
      return { kind: 'missing_outputs', cause: 'wrote_nothing' };
    case 'failed':
      return { kind: 'missing_outputs', cause: 'failed_unnoticed' };
  }
}

/** Output from the right time may be another job's; that is doubtful if the manifest disappeared before it expired. */
function findingInManifestLoss(
  object: ManifestFacts['object'],
  isExpired: boolean,
  report: ReportCheck | undefined,
): Finding {
  if (object?.found !== 'no' || isExpired) return undefined;
  return report?.found === 'unknown' ? 'unknown' : { kind: 'missing_manifests', cause: 'manifest_gone' };
}

/** Outputs do not expire; but those from other times say nothing about a job of which nothing else is left. */
function findingInOutputs(
  { found }: OutputFacts,
  isExpired: boolean,
  report: ReportCheck | undefined,
): Finding {
  if (report?.found === 'unknown') return 'unknown';
  if (found === 'none') return { kind: 'missing_outputs', cause: 'no_output' };
  return isExpired ? 'unverifiable' : { kind: 'missing_outputs', cause: 'no_output_in_time' };
}

/** Whether what is seen now contradicts what was found once; missing evidence contradicts nothing. */
function isDisproved({ cause }: LostFile, { manifest, report }: ConversionFacts, live: Finding): boolean {
  switch (cause) {
    case 'manifest_overwritten':
      return manifest.object?.found === 'yes' && manifest.object.lists;
    case 'wrote_nothing':
    case 'failed_unnoticed':
      return report?.found === 'yes' && report.report.result === 'converted';
    case 'no_output_in_time':
      // The evidence of that time was more exact about when the job ran than the records that are left.
      return live === undefined && (report?.found === 'yes' || manifest.object?.found === 'yes');
    default:
      return live === undefined;
  }
}

/** What a healthy file proves for all files of its manifest; undefined when it proves nothing new. */
export function proofIn(
  { record, manifest, report, outputs, converted }: Facts,
  now: number,
): ConvertedManifest | undefined {
  if (converted || manifest?.name.kind !== 'object') return undefined;
  const proved = {
    date: record.date_prefix,
    manifest: manifestPlace(manifest.name.location),
    at: isoTime(now),
  };
  if (report?.found === 'yes') return { ...proved, by: 'report', records: report.report.records };
  // While reports cannot be read, one may say otherwise.
  const isItsOwn = outputs?.found === 'in_time' && outputs.span.from !== UNKNOWN_START;
  return isItsOwn && report?.found === 'no' ? { ...proved, by: 'output' } : undefined;
}

function isManifestExpiredOf({ record, manifest }: ConversionFacts, { profile, now }: ConversionRules) {
  return isManifestExpired(record, manifest.record, profile, now);
}
