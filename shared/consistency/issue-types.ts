/** How S3 and the tracking table disagree about one file. */
export const ISSUE_TYPES = [
  /** The input object of a file in flight does not exist. What is settled may lose it at any time. */
  'missing_in_s3',
  /** The object has no record: its event was lost, or is waiting in the queue. */
  'missing_in_db',
  /** The object is newer than the content that its settled record is about. */
  'uploaded_again',
  /** The object's record expired before the file was converted. */
  'expired_unconverted',
  /** Another object of the same name has the record, so that this one is never converted. */
  'name_taken',
  /** The pipeline refused the object: its copy is in quarantine, and there is no record. */
  'quarantined_without_record',
] as const;
export type IssueType = (typeof ISSUE_TYPES)[number];

/** One disagreement. */
export interface ConsistencyIssue {
  readonly type: IssueType;
  /** As the pipeline files the object. */
  readonly date_prefix: string;
  /** As the tracking table has it, or would have it. */
  readonly file_key: string;
  /** Of the record, without suffix. */
  readonly status?: string;
  /** What disagrees, in a sentence. */
  readonly message: string;
  readonly next_step: string;
  /** The pipeline's reason for the refusal; where it was refused. */
  readonly quarantine_reason?: string;
  readonly original_bucket?: string;
}

/** A refusal is a normal outcome: it is reported, and nobody has to act. All else is data that is not converted. */
export function needsAction(type: IssueType): boolean {
  return type !== 'quarantined_without_record';
}
