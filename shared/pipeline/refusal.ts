import type { Storage } from '../aws/deps.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import type { Location } from './names.ts';
import { checkObject, type ObjectCheck, uriOf } from './storage.ts';

/** What the pipeline left of an object that it refused: a copy in the quarantine bucket, and no record. */
export interface Refusal {
  readonly copy: Location;
  /** When it was refused, in milliseconds since the epoch. */
  readonly at: number;
  /** The object's own key in the input bucket. */
  readonly originalKey: string;
  /** The pipeline's own reason; undefined when the copy does not have it, or could not be read. */
  readonly reason: string | undefined;
  readonly originalBucket: string | undefined;
}

/**
 * Reads a copy that a listing has shown. If it cannot be read, the object was refused nevertheless. Its time is that of
 * the listing, so that it can be compared with that of the object: a HEAD may be less exact.
 */
export async function readRefusal(
  { s3 }: Pick<Storage, 's3'>,
  profile: Pick<PipelineProfile, 'quarantine'>,
  listed: { readonly location: Location; readonly modified: number },
): Promise<Refusal> {
  const check = await checkObject(s3, listed.location);
  const metadata = check.found === 'yes' ? check.metadata : {};
  return refusalOf({ ...listed, metadata }, profile);
}

/** What a copy says about the refusal. */
export function refusalOf(
  { location, modified, metadata }: Pick<Found, 'location' | 'modified' | 'metadata'>,
  { quarantine }: Pick<PipelineProfile, 'quarantine'>,
): Refusal {
  const { quarantine_reason, original_bucket } = metadata;
  return {
    copy: location,
    at: modified,
    originalKey: location.key.slice(quarantine.prefix.length),
    reason: quarantine_reason || undefined,
    originalBucket: original_bucket || undefined,
  };
}

type Found = Extract<ObjectCheck, { found: 'yes' }>;

/** Two sentences. */
export function describeRefusal({ copy, reason }: Refusal): string {
  const why = reason === undefined ? 'its copy does not say why' : reason.replace(/\.+$/, '');
  return `It was refused: ${why}. The copy is at ${uriOf(copy)}.`;
}
