import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { isInManifest } from '../pipeline/in-manifest.ts';
import type { ManifestContents } from '../pipeline/manifest.ts';
import { bareName, dateOfName, eventSpelling, realName } from '../pipeline/names.ts';
import { recordKind } from '../pipeline/record.ts';
import { queryDate, type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';

/** The files of a manifest, as far as they were looked for. */
export interface ManifestFiles {
  /** What tells that they are its files: the manifest itself, or their own records. */
  readonly by: 'manifest' | 'records';
  readonly listed: readonly ManifestFile[];
  /** How many files it has in all; undefined when not all of the date's records were looked at. */
  readonly total: number | undefined;
}

/** A file that a manifest lists. */
export interface ManifestFile extends RecordKey {
  /** Undefined when there is none. */
  readonly record: TrackingRecord | undefined;
}

type Tracking = Pick<Deps, 'tracking'>;

// The largest manifests of the field have 200 files.
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

/** A manifest has each file in two spellings, of which records are keyed by one. */
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

/** The files of a date whose records name a manifest, among the first so many records of the date. */
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
