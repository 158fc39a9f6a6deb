import { expect, test } from 'vitest';
import { verifyNightly } from '../../../shared/data-proof/nightly.ts';
import { eventSpelling } from '../../../shared/pipeline/names.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { AUDITED_DATE } from '../../support/audited-date.ts';
import { operationDeps } from '../../support/operations.ts';
import { applyDeps, scanProjection } from '../../support/projection.ts';
import { runRunbook } from '../../support/runbook.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';
import { verifiedDate } from '../../support/verified-date.ts';

const EXPIRY = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
const HOUR = 3_600_000;

/** A date with rows of files whose records have gone, in every way. */
async function scene() {
  const date = await verifiedDate();
  const { aws, completed, job } = date;
  // After every output, on however slow a machine.
  const settled = Date.now() + HOUR / 2;
  const table = streamedTable({ createdSeconds: Math.floor(settled / 1_000) });
  const lived = (name: string, fields: object) => [
    table.write(eventSpelling(name), uploaded(), AUDITED_DATE),
    table.write(eventSpelling(name), { ...fields }, AUDITED_DATE),
  ];
  const done = { status: 'completed#3', completed_time: isoTime(settled) };
  const expired = (name: string) => ({
    ...table.remove(eventSpelling(name), AUDITED_DATE),
    userIdentity: EXPIRY,
  });
  const stream = [
    ...lived('gone.ndjson', done),
    ...lived('gone (1).ndjson', done),
    ...lived('gone twice.ndjson', done),
    ...lived('failed.ndjson', { status: 'failed#3', failed_time: isoTime(settled) }),
    ...lived('before.ndjson', { status: 'completed#3', completed_time: isoTime(Date.now() - HOUR) }),
    ...lived('removed.ndjson', done),
    ...lived('leaving.ndjson', done),
    ...['gone.ndjson', 'gone (1).ndjson', 'gone twice.ndjson', 'failed.ndjson', 'before.ndjson'].map(expired),
    table.remove('removed.ndjson', AUDITED_DATE),
  ];
  await consumeBatch(stream, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  await completed('well.ndjson');
  const names = ['gone.ndjson', 'gone (1).ndjson', 'failed.ndjson', 'before.ndjson', 'removed.ndjson'];
  await job([...names, 'leaving.ndjson', 'nobody.ndjson', 'well.ndjson'].map((name) => [name, 3] as const));
  for (let i = 0; i < 2; i++) await job([['gone twice.ndjson', 3]]);
  return date;
}

const UNEXPECTED = ['before.ndjson', 'failed.ndjson', 'gone+twice.ndjson', 'nobody.ndjson', 'removed.ndjson'];

test('rows of a file whose record has expired are counted, and hide nothing that is wrong', async () => {
  const { aws, verify } = await scene();
  const before = await scanProjection(aws);
  const { said, totals } = await verify();
  expect(said).toEqual(UNEXPECTED.map((name) => `unexpected ${name}`));
  expect(totals.files).toMatchObject({ present: 1, expired: 2, young: 1, unexpected: UNEXPECTED.length });
  expect((await scanProjection(aws)).countHeads()).toEqual(before.countHeads());
});

test('the runbook and the nightly verification say the same of them', async () => {
  const { aws, now } = await scene();
  const { stdout, stderr } = await runRunbook(
    'verify-data',
    [AUDITED_DATE, '--grace', '0', '--output', 'ndjson'],
    aws.environment,
  );
  expect(stderr).toContain('2 files with rows, whose record has expired since: nothing to do.');
  expect(stdout).not.toContain('"gone.ndjson"');
  expect(stdout).toContain('"nobody.ndjson"');
  const nightly = await verifyNightly({
    ...operationDeps(aws, now),
    ...{
      date: AUDITED_DATE,
      graceMillis: 0,
      random: () => 0.5,
      open: { since: now, touched: now, parts: [] },
    },
    publish: () => undefined,
    profile: { ...operationDeps(aws).profile, data_proof: { days: 400, sample_files: 0 } },
    signal: new AbortController().signal,
  });
  expect(nightly).toMatchObject({
    found: { unexpected: UNEXPECTED.length },
    proof: { files: { expired: 2, unexpected: UNEXPECTED.length } },
  });
});
