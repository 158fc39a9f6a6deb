import { beforeAll, expect, test } from 'vitest';
import type { OperationDeps } from '../../../shared/operations/operation.ts';
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
  for (const name of ['a', 'b', 'c']) {
    await files.input(name);
    await files.record(name, { status: 'completed#3', completed_time: isoTime(begun) });
  }
  await files.record('lost', { status: 'failed#3', failed_time: isoTime(begun) });
  await files.input('stranger');
  const sleep = () => Promise.resolve();
  context = { ...operationDeps(aws, begun + HOUR), sleep, signal: new AbortController().signal };
});

const validate = (input: object = {}, other: Partial<OperationDeps> = {}) =>
  ask({ ...context, ...other }, { operation: 'validate_consistency', date_prefix: DATE, ...input });

test('the documented answer, with what is known of the projection beside', async () => {
  expect(await validate()).toEqual({
    date_prefix: DATE,
    db_file_count: 4,
    s3_file_count: 4,
    issues_found: 2,
    issues: expect.arrayContaining([
      {
        type: 'missing_in_s3',
        file_key: 'lost',
        status: 'failed',
        message: expect.stringMatching(/ does not exist; its record is failed\.$/),
      },
      {
        type: 'missing_in_db',
        file_key: 'stranger',
        message: expect.stringMatching(/\/stranger has no record\.$/),
      },
    ]),
    issues_by_type: {
      missing_in_s3: 1,
      missing_in_db: 1,
      quarantined_without_record: 0,
      expired_unconverted: 0,
      name_taken: 0,
    },
    complete: true,
    young: 0,
    unknown: 0,
    drift: {
      missing_head: 4,
      stale_head: 0,
      record_gone: 0,
      counters: {},
      files: expect.arrayContaining([{ file_key: 'a', drift: 'missing_head' }]),
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
  expect(await validate({ grace_minutes: 90 })).toMatchObject({ issues_found: 0, young: 2 });
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
