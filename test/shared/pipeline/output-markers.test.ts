import { PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { checkOutputPlace, listOutputs } from '../../../shared/pipeline/outputs.ts';
import { pipelineProfile } from '../../../shared/settings/pipeline-profile.ts';
import { localAws } from '../../support/local-aws.ts';

const FOLDER = 'merged-parquet-2026-11-23/';
const MARKERS = [
  '',
  '_SUCCESS',
  '_committed_7',
  '.part-0.crc',
  '_temporary/0/part-0.parquet',
  'empty.parquet',
];

test('objects without rows are not output: markers of Spark and of consoles, and empty objects', async () => {
  const { s3, buckets } = await localAws();
  const bucket = buckets.output;
  const put = (name: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: FOLDER + name, Body }));
  const look = async () => {
    const listing = await listOutputs(s3, { bucket, key: FOLDER });
    const place = await checkOutputPlace(s3, bucket, pipelineProfile.parse({}));
    return { count: listing.found === 'yes' && listing.written.length, place };
  };
  for (const name of MARKERS) await put(name, name === '' || name === 'empty.parquet' ? '' : 'x');
  expect(await look()).toEqual({ count: 0, place: 'unused' });
  await put('part-0.snappy.parquet', 'PAR1');
  await put('hour=05/part-1.snappy.parquet', 'PAR1');
  expect(await look()).toEqual({ count: 2, place: 'used' });
});
