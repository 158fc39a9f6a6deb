import { GetObjectCommand, HeadBucketCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Setting } from '../aws/config.ts';
import type { Storage } from '../aws/deps.ts';
import { namedErrorText } from '../text/error-text.ts';
import { abridged } from '../text/visible-text.ts';
import type { Location } from './names.ts';

/** The settings that name the buckets. */
export const STORAGE_SETTINGS = [
  'inputBucket',
  'manifestBucket',
  'outputBucket',
  'quarantineBucket',
] as const satisfies readonly Setting[];

export function storageOf(
  s3: S3Client,
  config: Readonly<Record<(typeof STORAGE_SETTINGS)[number], string>>,
): Storage {
  const { inputBucket, manifestBucket, outputBucket, quarantineBucket } = config;
  return {
    s3,
    buckets: {
      input: inputBucket,
      manifest: manifestBucket,
      output: outputBucket,
      quarantine: quarantineBucket,
    },
  };
}

/** An object's address as the pipeline writes it: `s3://BUCKET/KEY`. */
export function uriOf({ bucket, key }: Location): string {
  return `s3://${bucket}/${key}`;
}

/** The result of looking for an object. Only a clear answer from S3 makes it missing; anything else is unknown. */
export type ObjectCheck =
  | {
      readonly found: 'yes';
      readonly location: Location;
      /** Milliseconds since the epoch. */
      readonly modified: number;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | { readonly found: 'no'; readonly location: Location }
  | { readonly found: 'unknown'; readonly location: Location; readonly error: string };

/** Looks for one object by HEAD. Never throws because of S3. */
export async function checkObject(s3: S3Client, location: Location): Promise<ObjectCheck> {
  try {
    const { LastModified, Metadata = {} } = await s3.send(
      new HeadObjectCommand({ Bucket: location.bucket, Key: location.key }),
    );
    return { found: 'yes', location, modified: LastModified?.getTime() ?? 0, metadata: Metadata };
  } catch (error) {
    if (!isMissing(error)) return { found: 'unknown', location, error: describeFault(error) };
    return checkBucket(s3, location);
  }
}

/**
 * Reads an object as text, unless it has more bytes than that.
 *
 * @throws Error saying so, before anything of it was read; S3's errors
 */
export async function readText(s3: S3Client, { bucket, key }: Location, mostBytes: number): Promise<string> {
  const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (ContentLength <= mostBytes) return (await Body?.transformToString()) ?? '';
  if (Body && 'destroy' in Body) Body.destroy();
  throw new Error(`it has ${megabytes(ContentLength)}; the limit is ${megabytes(mostBytes)}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/**
 * Looks for an object under each key it may have.
 *
 * @param look how to look for one: a caller may use a cache
 * @param locations at least one, the most likely first
 */
export async function checkAnyOf(
  look: (location: Location) => Promise<ObjectCheck>,
  locations: readonly Location[],
): Promise<ObjectCheck> {
  const seen: ObjectCheck[] = [];
  for (const location of locations) {
    const check = await look(location);
    if (check.found === 'yes') return check;
    seen.push(check);
  }
  const answer = seen.find(({ found }) => found === 'unknown') ?? seen[0];
  if (!answer) throw new Error('There is no place to look in.');
  return answer;
}

/**
 * Whether an error of S3 says that the object is not there. A key that is missing is answered with 404, or
 * with 403 to those who may not list the bucket; the latter, throttles and outages prove nothing.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
 */
export function isMissing(error: unknown): boolean {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404);
}

/** An error in one line, for evidence. */
export function describeFault(error: unknown): string {
  return abridged(namedErrorText(error), 200);
}

/** HEAD answers 404 for a missing bucket too: a wrong setting must not make every object missing. */
async function checkBucket(s3: S3Client, location: Location): Promise<ObjectCheck> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket: location.bucket }));
    return { found: 'no', location };
  } catch (error) {
    return { found: 'unknown', location, error: `bucket ${location.bucket}, ${describeFault(error)}` };
  }
}
