import { type Location, parsePath, possibleKeys } from './names.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** The folders in which files of a date have been seen; others may occur, and a record's `file_path` decides. */
function inputFolders(date: string): readonly string[] {
  return [`pipeline/input/${date}/`, `pipeline/input/dt=${date}/`, `${date}/`, `dt=${date}/`];
}

/** Folders in which files of all dates lie side by side, told apart by their names. */
const FLAT_FOLDERS: readonly string[] = ['pipeline/input/', ''];

/** Where objects of a date are listed. */
export interface ListedFolder {
  readonly folder: string;
  /** What the names in it begin with. */
  readonly prefix: string;
  /** Whether folders further down are left out: they are listed by themselves. */
  readonly isFlat: boolean;
}

/** All listings that show the objects of a date; names in a flat folder tell theirs at their beginning. */
export function listedFolders(date: string): readonly ListedFolder[] {
  return [
    ...inputFolders(date).map((folder) => ({ folder, prefix: '', isFlat: false })),
    ...FLAT_FOLDERS.map((folder) => ({ folder, prefix: date, isFlat: true })),
  ];
}

/** Where the copy of a refused object is put: this, and the object's own key. */
export const QUARANTINE_FOLDER = 'quarantine/';

/** The places where the input object of a record may be, the most likely first; never none. */
export function inputLocations(record: TrackingRecord, inputBucket: string): readonly Location[] {
  const named = parsePath(record.file_path, inputBucket);
  if (named) return possibleKeys(named.key).map((key) => ({ bucket: named.bucket, key }));
  const folders = [...inputFolders(record.date_prefix), ...FLAT_FOLDERS];
  return folders
    .flatMap((folder) => possibleKeys(folder + record.file_key))
    .map((key) => ({ bucket: inputBucket, key }));
}

/** Whether those listings show an object, were it there. */
export function isInListing(date: string, key: string): boolean {
  return listedFolders(date).some(
    ({ folder, prefix, isFlat }) =>
      key.startsWith(folder + prefix) && !(isFlat && key.slice(folder.length).includes('/')),
  );
}
