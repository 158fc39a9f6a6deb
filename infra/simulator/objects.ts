import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';

/** The objects of the pipeline's buckets. */
export interface Objects {
  put(
    bucket: string,
    key: string,
    body: string | Uint8Array,
    metadata?: Record<string, string>,
  ): Promise<void>;
  /** The object's text; undefined if no object has exactly this key. */
  read(bucket: string, key: string): Promise<string | undefined>;
  remove(bucket: string, key: string): Promise<void>;
  /** When the simulator last put an object here; undefined if never. */
  putMillis(bucket: string, key: string): number | undefined;
}

export function createObjects(s3: S3Client, now: () => number): Objects {
  const puts = new Map<string, number>();
  return {
    async put(Bucket, Key, Body, Metadata) {
      puts.set(`${Bucket}/${Key}`, now());
      // The client cannot determine the length of an empty body by itself.
      const ContentLength = Buffer.byteLength(Body);
      await s3.send(
        new PutObjectCommand({ Bucket, Key, Body, ContentLength, ...(Metadata && { Metadata }) }),
      );
    },
    async read(Bucket, Key) {
      try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return (await Body?.transformToString()) ?? '';
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async remove(Bucket, Key) {
      puts.delete(`${Bucket}/${Key}`);
      await s3.send(new DeleteObjectCommand({ Bucket, Key }));
    },
    putMillis: (bucket, key) => puts.get(`${bucket}/${key}`),
  };
}
