import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { Deps } from '../aws/deps.ts';
import { dateFolders, type ListedFolder } from '../pipeline/layout.ts';
import { realName } from '../pipeline/names.ts';

/**
 * The folders below those of a date, as keys behind the prefix of inputs, or of refused copies: `2026-11-23/sender-a/`.
 * A record is known by the bare name of its file, so the objects of several folders meet their records in order only if
 * each folder is a listing of its own. It is plain JSON, and kept as long as a comparison takes: with other folders the
 * objects would have another order.
 */
export interface SubFolders {
  readonly inputs: readonly string[];
  readonly refused: readonly string[];
}

/** What is below the folders of a date is listed with them: names from further down wait for their records. */
export const NO_SUB_FOLDERS: SubFolders = { inputs: [], refused: [] };

// Each is listed by requests of its own, and holds a page of a thousand names.
export const MOST_SUB_FOLDERS = 64;
// They are part of tokens.
const MOST_BYTES = 8_000;

/**
 * Looks for them, a level at a time. Left out are those below a folder in which one request does not show everything,
 * and all of them where there are too many.
 */
export async function findSubFolders(
  { storage, profile }: Pick<Deps, 'storage' | 'profile'>,
  date: string,
): Promise<SubFolders> {
  const { s3, buckets } = storage;
  const { input, quarantine } = profile;
  const [inputs, refused] = await Promise.all([
    findBelow(s3, buckets.input, input.prefix, date),
    findBelow(s3, buckets.quarantine, quarantine.prefix + input.prefix, date),
  ]);
  return { inputs, refused };
}

async function findBelow(s3: S3Client, bucket: string, root: string, date: string): Promise<string[]> {
  const found: string[] = [];
  for (let level = dateFolders(date, root); level.length > 0; ) {
    level = (await Promise.all(level.map((folder) => foldersIn(s3, bucket, folder)))).flat();
    found.push(...level.map((folder) => folder.slice(root.length)));
    if (found.length > MOST_SUB_FOLDERS || Buffer.byteLength(found.join('')) > MOST_BYTES) return [];
  }
  return found;
}

async function foldersIn(s3: S3Client, Bucket: string, Prefix: string): Promise<readonly string[]> {
  const request = { Bucket, Prefix, Delimiter: '/', EncodingType: 'url' } as const;
  const { CommonPrefixes = [], IsTruncated, EncodingType } = await s3.send(new ListObjectsV2Command(request));
  if (IsTruncated) return [];
  return CommonPrefixes.flatMap(({ Prefix: folder = '' }) =>
    folder === '' ? [] : [EncodingType === 'url' ? realName(folder) : folder],
  );
}

/**
 * The folders of a date together with those below them. Pure.
 *
 * @param names what comes from elsewhere, such as a token, is left out unless it is below one of the folders
 */
export function withSubFolders(
  tops: readonly ListedFolder[],
  root: string,
  names: readonly string[],
): readonly ListedFolder[] {
  const below = names
    .map((name) => root + name)
    .filter((folder) => tops.some((top) => folder !== top.folder && folder.startsWith(top.folder)));
  const folders = [...tops, ...below.map((folder) => ({ folder, prefix: '', isFlat: false }))];
  const isAbove = (folder: string) =>
    folders.some((other) => other.folder !== folder && other.folder.startsWith(folder));
  return folders.map((each) => ({ ...each, isFlat: isAbove(each.folder) }));
}
