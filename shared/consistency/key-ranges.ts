import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { filledPage } from '../aws/object-pages.ts';
import { listedFolders } from '../pipeline/layout.ts';
import { realName } from '../pipeline/names.ts';
import { queryDate } from '../pipeline/tracking-table.ts';
import { compareBytes } from '../text/byte-order.ts';

/** A part of a date's keys: those after one key, up to and including another. */
export interface KeyRange {
  /** Empty: from the beginning. */
  readonly after: string;
  /** Undefined: to the end. */
  readonly until?: string | undefined;
}

/** Finds the first key after another one; undefined at the end. */
export type FindKey = (after: string) => Promise<string | undefined>;

// With more prefixes than this, the search stops: names that differ only late stay in one range.
const MOST_LOOKS = 2_000;
const LOOKS_AT_ONCE = 8;
// A border is passed on in requests; it need not be a key.
const LONGEST_BORDER = 200;
/** Sorts after anything that names begin with. */
const LAST = '\u{10fffd}';

/**
 * Cuts the keys of a date into ranges by their prefixes: a prefix is split by the next character until there are
 * enough. Ranges differ in size, so ask for several times as many as are processed at once. Whatever the borders, the
 * ranges together hold all keys, each once.
 *
 * @param wanted about how many ranges there should be
 */
export async function splitKeys(find: FindKey, wanted: number): Promise<KeyRange[]> {
  const looks = { left: MOST_LOOKS };
  let beginnings: readonly string[] = [''];
  for (;;) {
    const longer = (
      await pMap(beginnings, (beginning) => partOf(find, beginning, looks), { concurrency: LOOKS_AT_ONCE })
    ).flat();
    const isDone = looks.left <= 0 || longer.every((beginning) => beginnings.includes(beginning));
    beginnings = longer;
    if (isDone || beginnings.length >= wanted) break;
  }
  const inOrder = [...beginnings].sort(compareBytes).slice(1);
  const every = Math.max(1, Math.floor(inOrder.length / Math.max(1, wanted - 1)));
  const borders = inOrder.filter((border, i) => i % every === 0 && border.length <= LONGEST_BORDER);
  return ['', ...borders].map((after, i) => ({ after, until: borders[i] }));
}

/** Longer prefixes instead of one; the prefix itself where there is nothing to split. */
async function partOf(find: FindKey, beginning: string, looks: { left: number }): Promise<string[]> {
  const longer: string[] = [];
  let after = beginning;
  while (looks.left-- > 0) {
    const key = await find(after);
    if (!key?.startsWith(beginning)) break;
    const [character = ''] = key.slice(beginning.length);
    if (character === '') break;
    longer.push(beginning + character);
    after = beginning + character + LAST;
  }
  // What was not examined stays with the last one.
  return longer.length > 0 ? longer : [beginning];
}

type SplitDeps = Pick<Deps, 'tracking' | 'storage' | 'profile'>;

/** Finds keys among the records of a date, and among the objects in its folders: a lost event leaves no record. */
export function keyFinder({ tracking, storage, profile }: SplitDeps, date: string): FindKey {
  const folders = listedFolders(date, profile).map(({ folder }) => folder);
  return async (after) => {
    const [{ records }, ...objects] = await Promise.all([
      queryDate(tracking, date, 1, after ? { date_prefix: date, file_key: after } : undefined),
      ...folders.map((folder) => firstObject(storage, folder, after)),
    ]);
    const keys = [records[0]?.file_key, ...objects].filter((key) => key !== undefined);
    // Continuing from a key must reach the end, whatever the order of the store.
    return keys.filter((key) => compareBytes(key, after) > 0).sort(compareBytes)[0];
  };
}

async function firstObject(
  { s3, buckets }: Deps['storage'],
  folder: string,
  after: string,
): Promise<string | undefined> {
  const { Contents: [first] = [], EncodingType } = await filledPage(s3, {
    Bucket: buckets.input,
    Prefix: folder,
    StartAfter: folder + after,
    MaxKeys: 1,
    EncodingType: 'url',
  });
  if (first?.Key === undefined) return undefined;
  const key = EncodingType === 'url' ? realName(first.Key) : first.Key;
  return key.slice(folder.length);
}
