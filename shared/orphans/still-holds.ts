import { isManifestExpired } from '../pipeline/expiry.ts';
import type { LostFile } from '../reports/proofs.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import type { AgeRules } from './limits.ts';

/**
 * Whether what was known before its manifest expired says more about a claimed file than what is left: that the
 * manifest is gone says nothing then, and that its job failed says nothing about a file that it did not list. A job
 * that has reported since no longer hangs. Pure.
 */
export function stillHolds(
  known: LostFile,
  finding: Finding,
  { record, manifest, report }: Pick<Facts, 'record' | 'manifest' | 'report'>,
  { profile, now }: Pick<AgeRules, 'now'> & { readonly profile: Pick<PipelineProfile, 'manifests'> },
): boolean {
  if (typeof finding !== 'object' || manifest?.object?.found !== 'no') return false;
  if (!isManifestExpired(record, manifest.record, profile, now)) return false;
  if (known.cause === 'manifest_overwritten') return true;
  if (known.cause === 'job_stuck' && report?.found === 'yes') return false;
  return finding.kind === 'missing_manifests' || (finding.cause === 'job_stuck' && !manifest.record);
}
