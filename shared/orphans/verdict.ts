import type { Status } from '../pipeline/status.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';

/** What is wrong with a file or manifest that will not move by itself. */
export const ORPHAN_KINDS = [
  'stuck_in_processing',
  'missing_manifests',
  'missing_outputs',
  'stuck_in_pending',
  'stuck_in_manifested',
  'stuck_manifests',
  'not_in_manifest',
  'outputs_not_found',
] as const;
/** Kinds of completed files; the others are of files and manifests in flight. */
export const COMPLETED_KINDS: readonly OrphanKind[] = [
  'missing_outputs',
  'not_in_manifest',
  'outputs_not_found',
];
export type OrphanKind = (typeof ORPHAN_KINDS)[number];

/**
 * The change that would fix it: to pending, to completed, to failed or quarantined, or none, if no change of status can
 * fix it.
 */
export type RecommendedChange = 'reset' | 'advance' | 'fail' | 'quarantine' | 'none';

/** Why it does not move; each has its sentence in `CAUSE_TEXT`. */
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
  | 'wrote_nothing'
  | 'failed_unnoticed'
  | 'no_rows'
  | 'rows_in_output'
  | 'outputs_elsewhere'
  | 'input_missing'
  | 'quarantined';

/** What was checked. */
export type EvidenceSubject =
  | 'record'
  | 'manifest'
  | 'manifest_record'
  | 'job_report'
  | 'output'
  | 'input'
  | 'quarantine'
  /** What an earlier sweep proved, whose evidence may have expired since. */
  | 'earlier_sweep'
  /** What its rows in the output said when its date was last verified. */
  | 'rows';

/** One thing that was checked, and what was seen. */
export interface Evidence {
  readonly about: EvidenceSubject;
  /** `unknown` when it could not be checked. */
  readonly found: 'yes' | 'no' | 'unknown';
  readonly detail: string;
}

/** What is wrong with one record, and how it is known. For a whole date, its `file_key` is empty. */
export interface Verdict extends RecordKey {
  readonly kind: OrphanKind;
  readonly cause: Cause;
  /** Without suffix. */
  readonly status: string;
  /** Hours in that status; undefined when its age is unknown. */
  readonly hours: number | undefined;
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly change: RecommendedChange;
  /** While nothing proves that the file's execution has ended, a reset needs force. */
  readonly needs_force?: boolean;
  /** The rows of the output prove that it was never converted: its reset needs no force. */
  readonly proved_lost?: boolean;
  /** Commands that show the execution that may still run, and stop it, for a person to copy. */
  readonly commands?: readonly string[];
}

/** The status that a recommended change gives a file. */
export const STATUS_AFTER: Readonly<Record<Exclude<RecommendedChange, 'none'>, Status>> = {
  reset: 'pending',
  advance: 'completed',
  fail: 'failed',
  quarantine: 'quarantined',
};

/** The change that would fix each cause, as long as nothing speaks against it. */
export const CHANGE_FOR: Readonly<Record<Cause, RecommendedChange>> = {
  not_taken: 'none',
  builder_died: 'reset',
  no_manifest_named: 'reset',
  placeholder_left: 'none',
  manifest_missing: 'reset',
  manifest_gone: 'none',
  manifest_unknown: 'none',
  manifest_overwritten: 'reset',
  no_manifest_record: 'reset',
  not_started: 'reset',
  job_stuck: 'reset',
  job_failed: 'reset',
  updater_missed: 'advance',
  no_output: 'reset',
  wrote_nothing: 'reset',
  failed_unnoticed: 'reset',
  no_rows: 'reset',
  rows_in_output: 'advance',
  outputs_elsewhere: 'none',
  // The output may have been merged into another object since: only a person can tell.
  no_output_in_time: 'none',
  input_missing: 'fail',
  quarantined: 'quarantine',
};

/** Each cause as the second half of a sentence that begins with the file's status. */
export const CAUSE_TEXT: Readonly<Record<Cause, string>> = {
  not_taken: 'no builder has taken it into a manifest',
  builder_died: 'its builder claimed it and never wrote the manifest',
  no_manifest_named: 'its record names no manifest',
  placeholder_left:
    'its record still names a placeholder, so it is unknown by which manifest it was converted',
  manifest_missing: 'the manifest that its record names does not exist',
  manifest_gone:
    'its manifest is completed but no longer exists, so it is unknown whether it listed the file',
  manifest_unknown: 'its manifest could not be checked',
  manifest_overwritten:
    'its manifest does not list it, for example because another builder overwrote the manifest: it will never be converted',
  no_manifest_record: 'its manifest exists, but has no record',
  not_started: 'its manifest was registered, but no record shows an execution',
  job_stuck: 'the job of its manifest does not end',
  job_failed: "its manifest's job failed and the file was left behind",
  updater_missed: 'its manifest is completed and lists it, but its own record was never updated',
  no_output: 'there is no output at all where its job writes',
  wrote_nothing: 'the report of its job says that it wrote nothing',
  failed_unnoticed: 'the report of its job says that it failed, but the record says otherwise',
  no_rows: 'all of the output of its date was read, and has no row of it',
  rows_in_output: 'its rows are in the output, but its record was never updated',
  outputs_elsewhere: 'most likely the output is elsewhere',
  no_output_in_time: 'there is output where its job writes, but none from the time it ran',
  input_missing: 'its input object is gone, so it cannot be converted',
  quarantined: 'its copy is in quarantine, but its record does not say so',
};

/** The same for a manifest's own record. */
export const MANIFEST_CAUSE_TEXT: Readonly<Partial<Record<Cause, string>>> = {
  not_started: 'no record shows an execution that has taken it',
  job_stuck: 'its job does not end',
};
