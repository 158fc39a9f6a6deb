import type { RecordKey } from './tracking-table.ts';

const OBJECT_URI = /^s3:\/\/[^/]+\/(.+)$/;
const DATE = /\d{4}-\d{2}-\d{2}/;

/**
 * The records that a file's name may mean, likeliest first. A name is a file_key, an object key, or the
 * object's s3:// address. The pipeline files an object under the first date in its key, or under the day of
 * its arrival, by its bare name as S3 events spell it: URL-encoded, a space as `+`; `%20` is met too.
 *
 * @param datePrefix the date, where it is known
 * @param today where to look for a name without any date
 */
export function keysOfName(name: string, datePrefix: string | undefined, today: string): RecordKey[] {
  const objectKey = OBJECT_URI.exec(name)?.[1] ?? name;
  const date_prefix = datePrefix ?? DATE.exec(objectKey)?.[0] ?? today;
  // The key of a meta record has no folders, and its name is not encoded.
  const bare = objectKey.slice(objectKey.lastIndexOf('/') + 1);
  const encoded = encodeURIComponent(bare);
  return [...new Set([bare, encoded.replaceAll('%20', '+'), encoded])].map((file_key) => ({
    date_prefix,
    file_key,
  }));
}
