import { expect, test } from 'vitest';
import { executionCommands, nameObstacle, obstacleToReset } from '../../../shared/pipeline/retryable.ts';
import { pipelineProfile } from '../../../shared/settings/pipeline-profile.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const key = { date_prefix: '2026-11-23', file_key: 'a.ndjson' };
const folder = 's3://in/pipeline/input/2026-11-23/';
const location = { bucket: 'in', key: 'pipeline/input/2026-11-23/a.ndjson' };
const there = { found: 'yes', location, modified: 0, metadata: {} } as const;

test.each([
  ['2026-11-23-plain_1.ndjson', true],
  ['a*b.ndjson', true],
  ['a+b.ndjson', false],
  ['a%2Bb.ndjson', false],
  ['caf%C3%A9.ndjson', false],
  ['%281%29.ndjson', false],
  ['a b.ndjson', false],
])('a job that reads names literally: %s is readable: %s', (file_key, isReadable) => {
  for (const file_path of [undefined, folder + file_key]) {
    const obstacle = nameObstacle({ ...key, file_key, file_path }, FIELD_PROFILE);
    expect(obstacle?.code).toBe(isReadable ? undefined : 'NAME_UNREADABLE');
  }
});

test('a folder whose name needed encoding is an obstacle, too; one that writers did not encode is none', () => {
  const codeOf = (file_path: string) => nameObstacle({ ...key, file_path }, FIELD_PROFILE)?.code;
  expect(codeOf('s3://in/pipeline/input/a+b/a.ndjson')).toBe('NAME_UNREADABLE');
  expect(codeOf('s3://in/pipeline/input/dt=2026-11-23/a.ndjson')).toBeUndefined();
});

test('a pipeline that decodes names can read all of them', () => {
  const profile = pipelineProfile.parse({ builder: { literal_uris: false } });
  expect(nameObstacle({ ...key, file_key: 'a+b.ndjson' }, profile)).toBeUndefined();
});

test('an obstacle to a reset has a code and a sentence; without one, there is none', () => {
  const codeOf = (facts: Parameters<typeof obstacleToReset>[1]) => obstacleToReset(key, facts, FIELD_PROFILE);
  expect(codeOf({ input: there, execution: undefined })).toBeUndefined();
  expect(codeOf({ input: there, execution: { ended: true, because: 'it failed' } })).toBeUndefined();
  expect(codeOf({ input: { found: 'no', location }, execution: undefined })).toEqual({
    code: 'INPUT_GONE',
    sentence: expect.stringContaining('s3://in/pipeline/input/2026-11-23/a.ndjson'),
  });
  expect(codeOf({ input: { found: 'unknown', location, error: '403' }, execution: undefined })).toMatchObject(
    {
      code: 'INPUT_UNKNOWN',
      sentence: expect.stringContaining('could not be checked'),
    },
  );
  const execution = {
    ended: false,
    because: 'its manifest is processing',
    first: 'stop it first',
    execution_arn: 'arn:1',
  } as const;
  expect(codeOf({ input: there, execution })).toMatchObject({
    code: 'STILL_RUNNING',
    sentence: 'its manifest is processing, so it could be converted twice: stop it first',
    execution_arn: 'arn:1',
  });
});

test('the commands for an execution can be pasted as they are, and work in its region', () => {
  expect(executionCommands('arn:aws:states:us-east-1:1:execution:p:x', 'why')).toEqual([
    'aws stepfunctions describe-execution --execution-arn arn:aws:states:us-east-1:1:execution:p:x --region us-east-1',
    'aws stepfunctions stop-execution --execution-arn arn:aws:states:us-east-1:1:execution:p:x --cause why --region us-east-1',
  ]);
  expect(executionCommands('run-7')[0]).toBe('aws stepfunctions describe-execution --execution-arn run-7');
});
