import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Location } from '../pipeline/names.ts';
import { describeFault, isMissing } from '../pipeline/storage.ts';
import { Unreadable } from './unreadable.ts';

/** An object as it was listed. */
export interface OutputObject extends Location {
  /** In bytes. */
  readonly size: number;
  /** When it was written, in milliseconds since the epoch. */
  readonly modified: number;
  /** Changes with its content. */
  readonly etag: string;
}

/** What was requested from S3. */
export interface ReadMeter {
  requests: number;
  bytes: number;
}

/** An object of which parts are read. */
export interface RangedObject {
  readonly size: number;
  /**
   * The bytes from `from` up to, but not including, `to`.
   *
   * @throws Unreadable when it is gone, was written again or may not be read
   */
  read(from: number, to: number): Promise<Uint8Array>;
  /** The last bytes, kept: a small object is read by this one request. */
  readTail(length: number): Promise<Uint8Array>;
}

/** Reads parts of one version of an object: a part of another version would look like damage. */
export function rangedObject(s3: S3Client, object: OutputObject, meter: ReadMeter): RangedObject {
  const { size } = object;
  let tail: Uint8Array = new Uint8Array();
  const read = async (from: number, to: number): Promise<Uint8Array> => {
    const kept = size - tail.length;
    if (from >= kept) return tail.subarray(from - kept, to - kept);
    const bytes = await getRange(s3, object, from, to);
    meter.requests += 1;
    meter.bytes += bytes.length;
    return bytes;
  };
  return {
    size,
    read,
    async readTail(length) {
      if (length > tail.length) tail = await read(Math.max(0, size - length), size);
      return tail;
    },
  };
}

async function getRange(
  s3: S3Client,
  { bucket, key, etag }: OutputObject,
  from: number,
  to: number,
): Promise<Uint8Array> {
  try {
    const Range = `bytes=${from}-${to - 1}`;
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key, Range, ...(etag && { IfMatch: etag }) }),
    );
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    if (bytes.length === to - from) return bytes;
    throw new Unreadable('changed', `${to - from} bytes were requested, ${bytes.length} came`);
  } catch (error) {
    throw asUnreadable(error);
  }
}

function asUnreadable(error: unknown): Unreadable {
  if (error instanceof Unreadable) return error;
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  if (isMissing(error)) return new Unreadable('gone', 'It was removed after it was listed.');
  const isOther = $metadata?.httpStatusCode === 412 || $metadata?.httpStatusCode === 416;
  if (isOther) return new Unreadable('changed', 'It was written again after it was listed.');
  return new Unreadable('unavailable', describeFault(error), { cause: error });
}
