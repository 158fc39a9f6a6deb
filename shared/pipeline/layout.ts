import type { Storage } from '../aws/deps.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { type Location, parsePath, possibleKeys } from './names.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** Where objects of a date are listed. */
export interface ListedFolder {
  readonly folder: string;
  /** What the names in it begin with. */
  readonly prefix: string;
  /** Whether folders further down are left out: they are listed by themselves. */
  readonly isFlat: boolean;
}

/**
 * All listings that show the input objects of a date; names in a flat folder tell their date at their beginning.
 * Objects elsewhere may have it anywhere in their key: a record's `file_path` leads to them.
 */
export function listedFolders(
  date: string,
  { input }: Pick<PipelineProfile, 'input'>,
): readonly ListedFolder[] {
  return prefixesOf(input).flatMap((folder) => [
    ...dateFolders(date, folder).map((each) => ({ folder: each, prefix: '', isFlat: false })),
    { folder, prefix: date, isFlat: true },
  ]);
}

/** Whether those listings show an object, were it there. */
export function isInListing(date: string, key: string, profile: Pick<PipelineProfile, 'input'>): boolean {
  return listedFolders(date, profile).some(
    ({ folder, prefix, isFlat }) =>
      key.startsWith(folder + prefix) && !(isFlat && key.slice(folder.length).includes('/')),
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

/** The places where the copy of a refused object may be: under the object's own key, behind the profile's prefix. */
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

/** Where inputs lie: below the prefix, and in older days at the bucket's root. */
function prefixesOf({ prefix }: PipelineProfile['input']): readonly string[] {
  return [...new Set([prefix, ''])];
}

/** The folders in which files of a date have been seen; others may occur. */
function dateFolders(date: string, prefix: string): readonly string[] {
  return [`${prefix}${date}/`, `${prefix}dt=${date}/`];
}
