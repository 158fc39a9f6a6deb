import { S3Client } from '@aws-sdk/client-s3';
import { expect, inject, test } from 'vitest';
import { countInputLines } from '../../../shared/data-proof/input-lines.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';
import { verifiedDate } from '../../support/verified-date.ts';

test('an input that was uploaded again is not read, and keeps no connection', async () => {
  const { aws, files, input, now } = await verifiedDate();
  await input('a.ndjson', 20_000);
  const record = await files.record('a.ndjson', { status: 'processing' });
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: inject('s3Endpoint'),
    credentials: await aws.s3.config.credentials(),
    requestHandler: { httpAgent: { maxSockets: 1 } },
  });
  const deps = { storage: { s3, buckets: aws.buckets }, profile: FIELD_PROFILE, now };
  const count = (writtenAt: number | undefined) =>
    countInputLines(deps, record, { requests: 0, bytes: 0 }, { atMost: Number.POSITIVE_INFINITY, writtenAt });
  for (let i = 0; i < 3; i++) expect(await count(0)).toBeUndefined();
  expect(await count(undefined)).toEqual({ lines: 20_000, isWhole: true });
});
