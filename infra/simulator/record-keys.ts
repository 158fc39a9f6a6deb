/** What identifies a record of the tracking table. */
export interface RecordKeys {
  readonly date_prefix: string;
  readonly file_key: string;
}

export function keysOf({ date_prefix, file_key }: RecordKeys): RecordKeys {
  return { date_prefix, file_key };
}
