import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { isInManifest } from '../pipeline/in-manifest.ts';
import type { ManifestContents } from '../pipeline/manifest.ts';
import { bareName, dateOfName, eventSpelling, realName } from '../pipeline/names.ts';
import { recordKind } from '../pipeline/record.ts';
import { queryDate, type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';

/** The files of a manifest, as far as they were searched for. */
export interface ManifestFiles {
  /** Where the list comes from: the manifest itself, or the files' own records. */
  readonly by: 'manifest' | 'records';
  readonly listed: readonly ManifestFile[];
  /** How many files it has in all; undefined if not all of the date's records were read. */
  readonly total: number | undefined;
}

/** A file that a manifest lists. */
export interface ManifestFile extends RecordKey {
  /** Undefined if there is none. */
  readonly record: TrackingRecord | undefined;
}

type Tracking = Pick<Deps, 'tracking'>;

// The largest manifests seen in practice have 200 files.
const MOST_FILES = 300;
const AT_ONCE = 32;

/** The files that a manifest lists, each with its present record. */
export async function readListed(
  contents: ManifestContents,
  date: string,
  { tracking }: Tracking,
): Promise<ManifestFiles> {
  const keys = keysIn(contents, date);
  const read = async (key: RecordKey) => ({ ...key, record: await readRecord(tracking, key) });
  const listed = await pMap(keys.slice(0, MOST_FILES), read, { concurrency: AT_ONCE });
  return { by: 'manifest', listed, total: keys.length };
}

/** A manifest lists each file in two spellings; records use one of them as their key. */
function keysIn({ places }: ManifestContents, date: string): RecordKey[] {
  const keys = new Map<string, RecordKey>();
  for (const place of places) {
    const file_key = eventSpelling(realName(bareName(place)));
    if (file_key === '') continue;
    const date_prefix = dateOfName(place) ?? date;
    keys.set(JSON.stringify([date_prefix, file_key]), { date_prefix, file_key });
  }
  return [...keys.values()];
}

const PAGE_SIZE = 1_000;
const MOST_PAGES = 3;

/** The files whose records name a manifest, among the first 3,000 records of its date. */
export async function readNaming(
  manifest: string,
  date: string,
  { tracking }: Tracking,
): Promise<ManifestFiles> {
  const listed: ManifestFile[] = [];
  let after: RecordKey | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { records, next } = await queryDate(tracking, date, PAGE_SIZE, after);
    const named = records.filter(
      (record) => recordKind(record) === 'file' && isInManifest(record.manifest_path, manifest),
    );
    listed.push(...named.map((record) => ({ date_prefix: date, file_key: record.file_key, record })));
    if (!next) return { by: 'records', listed: listed.slice(0, MOST_FILES), total: listed.length };
    after = next;
  }
  return { by: 'records', listed: listed.slice(0, MOST_FILES), total: undefined };
}
