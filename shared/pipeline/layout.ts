import type { Storage } from '../aws/deps.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { dateOfName, type Location, parsePath, possibleKeys } from './names.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** Where objects of a date are listed. */
export interface ListedFolder {
  readonly folder: string;
  /** What the names in it begin with. */
  readonly prefix: string;
  /** Whether folders further down are left out, because they are listed separately. */
  readonly isFlat: boolean;
}

/**
 * Whether S3 tells the pipeline about an object. Prefix and ending are compared byte for byte, so `x.NDJSON` and
 * `x.ndjson.gz` never reach it.
 */
export function isTold(key: string, { input }: Pick<PipelineProfile, 'input'>): boolean {
  return key.startsWith(input.prefix) && key.endsWith(input.suffix);
}

/** The folders where most objects of a date are. Others may have the date anywhere in their key. */
export function listedFolders(
  date: string,
  { input }: Pick<PipelineProfile, 'input'>,
): readonly ListedFolder[] {
  return wholeFolders(input.prefix, date);
}

/** Where objects of a date end up if the prefix is forgotten: S3 never tells the pipeline about them. */
export function strayFolders(
  date: string,
  { input }: Pick<PipelineProfile, 'input'>,
): readonly ListedFolder[] {
  return input.prefix === '' ? [] : [...wholeFolders('', date), { folder: '', prefix: date, isFlat: true }];
}

function wholeFolders(folder: string, date: string): readonly ListedFolder[] {
  return dateFolders(date, folder).map((each) => ({ folder: each, prefix: '', isFlat: false }));
}

/** Whether an audit of a date would list an object that the pipeline is told about. */
export function isInListing(date: string, key: string, profile: Pick<PipelineProfile, 'input'>): boolean {
  return isTold(key, profile) && dateOfName(key.slice(profile.input.prefix.length)) === date;
}

/** Whether an audit of its date would list the input object of a record. */
export function isInputListed(
  record: TrackingRecord,
  storage: Pick<Storage, 'buckets'>,
  profile: Pick<PipelineProfile, 'input'>,
): boolean {
  return inputLocations(record, storage, profile).some(
    ({ bucket, key }) => bucket === storage.buckets.input && isInListing(record.date_prefix, key, profile),
  );
}

/** The places where the input object of a record may be, the most likely first; never none. */
export function inputLocations(
  record: TrackingRecord,
  { buckets }: Pick<Storage, 'buckets'>,
  { input }: Pick<PipelineProfile, 'input'>,
): readonly Location[] {
  const named = parsePath(record.file_path, buckets.input);
  if (named) return possibleKeys(named.key).map((key) => ({ bucket: named.bucket, key }));
  const folders = prefixesOf(input).flatMap((prefix) => [...dateFolders(record.date_prefix, prefix), prefix]);
  return folders
    .flatMap((folder) => possibleKeys(folder + record.file_key))
    .map((key) => ({ bucket: buckets.input, key }));
}

/** The places where the copy of a refused object may be: the profile's prefix followed by the object's own key. */
export function copyLocations(
  record: TrackingRecord,
  storage: Pick<Storage, 'buckets'>,
  profile: Pick<PipelineProfile, 'input' | 'quarantine'>,
): readonly Location[] {
  return inputLocations(record, storage, profile).map(({ key }) => ({
    bucket: storage.buckets.quarantine,
    key: profile.quarantine.prefix + key,
  }));
}

/** Where inputs may be whose record does not say: below the prefix, and at the root for those of other settings. */
function prefixesOf({ prefix }: PipelineProfile['input']): readonly string[] {
  return [...new Set([prefix, ''])];
}

/** The folders in which files of a date have been seen; others may occur. */
export function dateFolders(date: string, prefix: string): readonly string[] {
  return [`${prefix}${date}/`, `${prefix}dt=${date}/`];
}
