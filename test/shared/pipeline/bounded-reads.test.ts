import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import { readManifest } from '../../../shared/pipeline/manifest.ts';
import { readText } from '../../../shared/pipeline/storage.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;
beforeAll(async () => {
  aws = await localAws();
});

async function put(key: string, bytes: number) {
  const bucket = aws.buckets.manifest;
  await aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.alloc(bytes, '1') }));
  return { bucket, key };
}

test('an object is read up to a size limit, and not at all beyond it', async () => {
  const location = await put('some', 1_000);
  expect(await readText(aws.s3, location, 1_000)).toHaveLength(1_000);
  await expect(readText(aws.s3, location, 999)).rejects.toThrow('the limit is 0.0 MB');
});

test('a manifest of an implausible size is reported and not read', async () => {
  const location = await put('manifests/large.json', 900_000);
  expect(await readManifest(aws.s3, location, 800_000)).toEqual({
    found: 'unknown',
    error: expect.stringContaining('it has 0.9 MB; the limit is 0.8 MB'),
  });
});
