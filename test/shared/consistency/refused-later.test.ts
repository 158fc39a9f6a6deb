import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { recheckUnpaired } from '../../../shared/consistency/recheck.ts';
import { createEvidenceLoader } from '../../../shared/pipeline/evidence-loader.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { dayOf } from '../../../shared/text/time.ts';
import { localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;

test('an input without a date whose copy is in quarantine since another day was refused, unless it was uploaded again', async () => {
  const aws = await localAws();
  const refused = 'pipeline/input/refused.ndjson';
  const Bucket = aws.buckets.quarantine;
  await aws.s3.send(new PutObjectCommand({ Bucket, Key: refused, Body: '{}' }));
  const { LastModified } = await aws.s3.send(new HeadObjectCommand({ Bucket, Key: refused }));
  const at = LastModified?.getTime() ?? 0;
  const deps = {
    tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE),
    projection: { docs: aws.documents, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    now: at + 48 * HOUR,
    graceMillis: HOUR,
  };
  const found = async (key: string, modified: number) => {
    const name = key.slice('pipeline/input/'.length);
    const location = { bucket: aws.buckets.input, key };
    const objects = [{ name, location, modified, place: 'input' as const }];
    const unpaired = [{ objects, records: [] }];
    const evidence = createEvidenceLoader(deps);
    const rechecked = await recheckUnpaired({ ...deps, evidence }, dayOf(modified), unpaired);
    return rechecked.map((each) => (each.kind === 'issue' ? each.issue.type : each.kind));
  };
  expect(await found(refused, at - 10_000)).toEqual([]);
  expect(await found(refused, at + 999)).toEqual([]);
  expect(await found(refused, at + 10_000)).toEqual(['missing_in_db']);
  expect(await found('pipeline/input/lost.ndjson', at - 10_000)).toEqual(['missing_in_db']);
});
