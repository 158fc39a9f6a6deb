/** @module-tag long */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { expect, test } from 'vitest';
import { createRandom } from '../../infra/simulator/random.ts';
import { failureClass } from '../../shared/pipeline/failure-class.ts';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { nothingSeen } from '../../shared/projection/seen.ts';
import { readFailures } from '../../shared/statistics/read-failures.ts';
import { scanRaw } from '../support/changes.ts';
import { CAUSES, failureText } from '../support/failure-texts.ts';
import { localAws } from '../support/local-aws.ts';
import { applyDeps } from '../support/projection.ts';
import { runRunbook } from '../support/runbook.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';
import { putRecords } from '../support/tracking-records.ts';

const FILES = process.env.EVERY_POINT ? 1_204 : 304;
const COUNT = FILES.toLocaleString('en-US');
const DATE = '2026-11-23';

test(`the ${COUNT} files of a class are reset by one planned command, and nothing else is`, async () => {
  const aws = await localAws();
  const random = createRandom(7);
  const table = streamedTable();
  const seen = nothingSeen(undefined);
  const consume = (records: readonly unknown[]) =>
    consumeBatch(records, applyDeps(aws, { seen }), {
      s3: aws.s3,
      bucket: aws.buckets.deadLetter,
    });
  // Every error text is different; the class is what they have in common.
  const cause = CAUSES.indexOf('malformed');
  const fail = (key: string, index: number) =>
    table.write(key, {
      ...uploaded(),
      status: 'failed#3',
      error_message: failureText(index, random).text,
      file_path: `s3://${aws.buckets.input}/pipeline/input/${DATE}/${key}`,
    });
  const wanted = Array.from({ length: FILES }, (_, i) => `w${i}.ndjson`);
  const others = [...CAUSES.keys()].filter((index) => index !== cause);
  const id = failureClass(failureText(cause, random).text).id;
  await consume(wanted.map((key) => fail(key, cause)));
  await consume([
    ...others.map((index) => fail(`other-${index}.ndjson`, index)),
    table.write('done.ndjson', { ...uploaded(), status: 'completed#1' }),
  ]);
  await putRecords(aws, table.items);
  const put = (key: string) =>
    aws.s3.send(
      new PutObjectCommand({ Bucket: aws.buckets.input, Key: `pipeline/input/${DATE}/${key}`, Body: 'x' }),
    );
  await pMap(wanted, put, { concurrency: 16 });

  const counted = await readFailures(applyDeps(aws).projection, undefined, applyDeps(aws).now);
  expect(counted.find((one) => one.class === id)).toMatchObject({ failed: FILES });
  const before = await scanRaw(aws);
  const run = (...args: string[]) =>
    runRunbook(
      'batch-update',
      ['--status', 'failed', '--class', id, '--new-status', 'pending', ...args],
      aws.environment,
    );
  const planned = await run();
  expect(planned.code).toBe(0);
  expect(planned.stdout + planned.stderr).toContain(COUNT);
  expect(await scanRaw(aws)).toEqual(before);

  const apply = ['--apply', '--yes', '--reason', 'more workers', '--rate', '1000'];
  const refused = await run(...apply);
  expect(refused.stderr).toContain(`This would change ${COUNT} files; the limit is 100.`);
  expect(await scanRaw(aws)).toEqual(before);
  const applied = await run(...apply, '--max-changes', String(FILES));
  expect(applied.stderr).toContain(`${COUNT} applied`);
  const after = await scanRaw(aws);
  for (const key of wanted) expect(after[key]?.status).toEqual({ S: 'pending#3' });
  const left = Object.keys(before).filter((key) => !key.startsWith('w'));
  for (const key of left) expect(after[key]).toEqual(before[key]);
});
