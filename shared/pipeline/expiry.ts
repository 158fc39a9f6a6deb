import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { creationTime, valueIn } from './record.ts';
import type { TrackingRecord } from './tracking-table.ts';

const DAY_MILLIS = 86_400_000;
const LONGEST_EXPIRED_MILLIS = 5 * 365 * DAY_MILLIS;

/**
 * When a record expired, if DynamoDB removes it for that. It ignores a `ttl` that is no number, such as NULL or a text,
 * and a time more than five years ago, such as 0:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 *
 * @param ttl as the record has it, in seconds since the epoch
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch; undefined for a record that stays
 */
export function expiredAt(ttl: unknown, now: number): number | undefined {
  if (typeof ttl !== 'number') return undefined;
  const at = ttl * 1_000;
  return at <= now && at > now - LONGEST_EXPIRED_MILLIS ? at : undefined;
}

/**
 * Whether a lifecycle rule may have removed the manifest of a file: then its absence is not unusual. A manifest of
 * unknown age may have expired.
 *
 * @param manifest the manifest's own record, which is written with it
 * @param now milliseconds since the epoch
 */
export function isManifestExpired(
  record: TrackingRecord,
  manifest: TrackingRecord | undefined,
  { manifests }: Pick<PipelineProfile, 'manifests'>,
  now: number,
): boolean {
  const own = manifest && creationTime(valueIn(manifest), now);
  return isExpired(own ?? creationTime(valueIn(record), now), manifests.expire_days, now);
}

/** S3 removes an object after this many days, up to a day later. */
function isExpired(created: string | undefined, days: number | null, now: number): boolean {
  if (days === null) return false;
  return created === undefined || now - Date.parse(created) > days * DAY_MILLIS;
}
