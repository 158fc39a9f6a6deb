import { beforeAll, expect, test } from 'vitest';
import type { OperationDeps } from '../../../shared/operations/operation.ts';
import { eventSpelling } from '../../../shared/pipeline/names.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const begun = Date.now();
let aws: LocalAws;
let context: OperationDeps;

beforeAll(async () => {
  aws = await localAws();
  const files = fieldFiles(aws, DATE, begun);
  for (const name of ['a.ndjson', 'b.ndjson', 'c.ndjson']) {
    await files.input(name);
    await files.record(name, { status: 'completed#3', completed_time: isoTime(begun + HOUR / 2) });
  }
  await files.record('lost.ndjson', { status: 'pending#3' });
  // Its input has expired, which means nothing.
  await files.record('settled.ndjson', { status: 'failed#3', failed_time: isoTime(begun) });
  await files.input('str\u00e4nger (1).ndjson');
  await files.input('notes.txt');
  await files.quarantined('refused.ndjson');
  const sleep = () => Promise.resolve();
  context = { ...operationDeps(aws, begun + HOUR), sleep, signal: new AbortController().signal };
});

const validate = (input: object = {}, other: Partial<OperationDeps> = {}) =>
  ask({ ...context, ...other }, { operation: 'validate_consistency', date_prefix: DATE, ...input });

test('the documented answer, with what is known of the projection beside', async () => {
  expect(await validate()).toEqual({
    date_prefix: DATE,
    db_file_count: 5,
    s3_file_count: 4,
    issues_found: 2,
    issues: expect.arrayContaining([
      {
        ...{ type: 'missing_in_s3', date_prefix: DATE, file_key: 'lost.ndjson', status: 'pending' },
        message: expect.stringMatching(/ does not exist, but its record is pending\./),
        next_step: expect.stringMatching(/^Urgent: /),
      },
      {
        ...{ type: 'missing_in_db', date_prefix: DATE, file_key: eventSpelling('str\u00e4nger (1).ndjson') },
        message: expect.stringMatching(/\/str\u00e4nger \(1\)\.ndjson has no record: its event was lost/),
        next_step: expect.stringMatching(/^Upload it again under a plain name/),
      },
      {
        ...{ type: 'quarantined_without_record', date_prefix: DATE, file_key: 'refused.ndjson' },
        message: expect.stringMatching(/^It was refused: Not valid\. The copy is at s3:\S+\.$/),
        next_step: expect.stringMatching(/^None: /),
        quarantine_reason: 'Not valid.',
      },
    ]),
    issues_by_type: {
      missing_in_s3: 1,
      missing_in_db: 1,
      uploaded_again: 0,
      expired_unconverted: 0,
      name_taken: 0,
      quarantined_without_record: 1,
    },
    never_told: {
      count: 1,
      samples: [`s3://${aws.buckets.input}/pipeline/input/${DATE}/notes.txt`],
    },
    complete: true,
    young: 0,
    unknown: 0,
    drift: {
      missing_head: 5,
      stale_head: 0,
      record_gone: 0,
      counters: {},
      files: expect.arrayContaining([{ file_key: 'a.ndjson', drift: 'missing_head' }]),
    },
  });
});

test('a date of which nothing is known is consistent', async () => {
  expect(await validate({ date_prefix: '2026-11-21' })).toMatchObject({
    db_file_count: 0,
    s3_file_count: 0,
    issues_found: 0,
    complete: true,
  });
});

test('the grace period can be chosen', async () => {
  expect(await validate({ grace_minutes: 90 })).toMatchObject({ issues_found: 0, young: 3 });
});

test.each([
  [{ date_prefix: '2026-2-30' }, 'date_prefix'],
  [{ grace_minutes: -1 }, 'grace_minutes'],
  [{ next_token: 'abc' }, 'next_token'],
])('%j is refused', async (input, field) => {
  const answer = await validate(input);
  expect(answer.statusCode).toBe(400);
  expect(answer.error.message).toContain(`"${field}"`);
});
