import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { ListedFolder } from '../pipeline/layout.ts';
import { realName } from '../pipeline/names.ts';

// Each is listed by requests of its own, and holds a page of a thousand names.
const MOST_FOLDERS = 64;

/**
 * Folders and those below them, to be listed side by side. A record is known by the bare name of its file, so the objects
 * of `DATE/sender-a/` and `DATE/sender-b/` meet their records in order only if each folder is a listing of its own.
 *
 * A folder in which one request does not show everything is listed with all that is below it, and so are all of them
 * where they have too many folders. Names from further down then wait for their records, which is slower.
 */
export async function withSubFolders(
  s3: S3Client,
  bucket: string,
  folders: readonly ListedFolder[],
): Promise<readonly ListedFolder[]> {
  const found: ListedFolder[] = [];
  let level = folders;
  while (level.length > 0) {
    const looks = await Promise.all(level.map((folder) => lookInto(s3, bucket, folder)));
    found.push(...looks.map(({ folder }) => folder));
    level = looks.flatMap(({ below }) => below);
    if (found.length + level.length > MOST_FOLDERS) return folders;
  }
  return found;
}

interface Look {
  readonly folder: ListedFolder;
  readonly below: readonly ListedFolder[];
}

async function lookInto(s3: S3Client, Bucket: string, folder: ListedFolder): Promise<Look> {
  const request = { Bucket, Prefix: folder.folder, Delimiter: '/', EncodingType: 'url' } as const;
  const { CommonPrefixes = [], IsTruncated, EncodingType } = await s3.send(new ListObjectsV2Command(request));
  if (IsTruncated) return { folder, below: [] };
  const below = CommonPrefixes.flatMap(({ Prefix = '' }) =>
    Prefix === '' ? [] : [{ ...folder, folder: EncodingType === 'url' ? realName(Prefix) : Prefix }],
  );
  return { folder: { ...folder, isFlat: true }, below };
}
