/** How S3 and the tracking table disagree about one file. */
export const ISSUE_TYPES = [
  /** The record's input object does not exist. */
  'missing_in_s3',
  /** The object has no record: the pipeline does not know of it. */
  'missing_in_db',
  /** The same, while its copy is in quarantine: it was refused on arrival. */
  'quarantined_without_record',
  /** The object's record expired before the file was converted. */
  'expired_unconverted',
  /** Another object of the same name has the record, so that this one is never converted. */
  'name_taken',
] as const;
export type IssueType = (typeof ISSUE_TYPES)[number];

/** One disagreement. */
export interface ConsistencyIssue {
  readonly type: IssueType;
  /** As the tracking table has it, or would have it. */
  readonly file_key: string;
  /** Of the record, without suffix. */
  readonly status?: string;
  /** One sentence. */
  readonly message: string;
}
