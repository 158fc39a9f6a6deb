import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { creationTime, valueIn } from './record.ts';
import type { TrackingRecord } from './tracking-table.ts';

const DAY_MILLIS = 86_400_000;

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
