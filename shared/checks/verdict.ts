import type { RecordKey } from '../files/tracking-table.ts';

/** What is wrong with a file or manifest that will not move by itself. */
export const ORPHAN_KINDS = [
  'stuck_in_processing',
  'missing_manifests',
  'missing_outputs',
  'stuck_in_pending',
  'stuck_in_manifested',
  'stuck_manifests',
  'not_in_manifest',
] as const;
export type OrphanKind = (typeof ORPHAN_KINDS)[number];

/**
 * What would mend it: back to pending, on to completed, to failed or quarantined, or nothing that a change of
 * status could mend.
 */
export type RecommendedChange = 'reset' | 'advance' | 'fail' | 'quarantine' | 'none';

/** Why it does not move; each has its sentence in `causes.ts`. */
export type Cause =
  | 'not_taken'
  | 'builder_died'
  | 'no_manifest_named'
  | 'placeholder_left'
  | 'manifest_missing'
  | 'manifest_gone'
  | 'manifest_unknown'
  | 'manifest_overwritten'
  | 'no_manifest_record'
  | 'not_started'
  | 'job_stuck'
  | 'job_failed'
  | 'updater_missed'
  | 'no_output'
  | 'no_output_in_time'
  | 'input_missing'
  | 'quarantined';

/** What was looked at. */
export type EvidenceSubject = 'record' | 'manifest' | 'manifest_record' | 'output' | 'input' | 'quarantine';

/** One thing that was looked at, and what was seen. */
export interface Evidence {
  readonly about: EvidenceSubject;
  /** `unknown` when it could not be looked at. */
  readonly found: 'yes' | 'no' | 'unknown';
  readonly detail: string;
}

/** What a check concluded about one record, and how it is known. */
export interface Verdict extends RecordKey {
  readonly kind: OrphanKind;
  readonly cause: Cause;
  /** Without suffix. */
  readonly status: string;
  /** In that status; undefined when its times cannot be read, which counts as the oldest. */
  readonly hours: number | undefined;
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly change: RecommendedChange;
}
