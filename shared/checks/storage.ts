import type { S3Client } from '@aws-sdk/client-s3';
import type { Setting } from '../aws/config.ts';

/** The pipeline's buckets, and a client to look into them. Checks only ever read there. */
export interface Storage {
  readonly s3: S3Client;
  readonly buckets: {
    readonly input: string;
    readonly manifest: string;
    readonly output: string;
    readonly quarantine: string;
  };
}

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
