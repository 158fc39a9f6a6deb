import { expect, test } from 'vitest';
import { errorWords, parseJobError } from '../../../shared/pipeline/job-error.ts';

const MISSING = 's3://input/pipeline/input/2026-11-23/2026-11-23-a%281%29+b.ndjson';
const cause = (message: string) => ({
  AllocatedCapacity: 10,
  Arguments: { '--MANIFEST_PATH': 's3://manifests/manifests/2026-11-23/batch-0027.json' },
  ErrorMessage: message,
  Id: 'jr_cf3a0bb4',
  JobName: 'batch-job',
});
const taskFailed = (message: string) => `{Error=States.TaskFailed, Cause=${JSON.stringify(cause(message))}}`;
const notThere = taskFailed(`An error occurred while calling o98.json. Path does not exist: ${MISSING}`);

test('the error of a job: its message, job, run and manifest, and the object that it did not find', () => {
  expect(parseJobError(notThere)).toEqual({
    error: 'States.TaskFailed',
    message: `An error occurred while calling o98.json. Path does not exist: ${MISSING}`,
    jobName: 'batch-job',
    runId: 'jr_cf3a0bb4',
    manifest: { bucket: 'manifests', key: 'manifests/2026-11-23/batch-0027.json' },
    missing: { bucket: 'input', key: MISSING.slice('s3://input/'.length) },
  });
});

test('cut off anywhere, it never names another object than the missing one', () => {
  const whole = parseJobError(notThere).missing;
  for (let end = 0; end <= notThere.length; end++) {
    const { missing } = parseJobError(notThere.slice(0, end));
    if (missing) expect(missing).toEqual(whole);
  }
  expect(parseJobError(notThere.slice(0, -40)).missing).toEqual(whole);
});

test.each([
  ['{Error=States.Timeout, Cause=}', 'States.Timeout', ''],
  ['{Error=Glue.AWSGlueException, Cause=Rate exceeded}', 'Glue.AWSGlueException', 'Rate exceeded'],
  ['could not be started: ReadTimeoutError', undefined, 'could not be started: ReadTimeoutError'],
  ['', undefined, ''],
])('%j is understood, too', (text, error, message) => {
  expect(parseJobError(text)).toMatchObject({ error, message, missing: undefined });
});

test.each([
  [`Path does not exist: ${MISSING}`],
  [`Path does not exist: ${MISSING}; and more`],
  [`AnalysisException: Path does not exist: ${MISSING}.`],
  [taskFailed(`said "Path does not exist: ${MISSING}"`)],
])('the missing object is found in %j', (text) => {
  expect(parseJobError(text).missing?.key).toBe(MISSING.slice('s3://input/'.length));
});

test('an escaped message is unescaped', () => {
  expect(parseJobError(taskFailed('a "quoted" line\nand another')).message).toBe(
    'a "quoted" line\nand another',
  );
});

test('a message that is cut off within an escape has none of it', () => {
  const text = '{Error=States.TaskFailed, Cause={"ErrorMessage":"It said \\"no\\" caf\\u00';
  expect(parseJobError(text).message).toBe('It said "no" caf');
  expect(parseJobError(`${text}e9`).message).toBe('It said "no" café');
});

test.each([
  ['{Error=States.TaskFailed, Cause={"ErrorMessage":"It said \\"no\\"","JobName":"job"}}', 'It said "no"'],
  [
    '{Error=Glue.ConcurrentRunsExceededException, Cause={"ErrorMessage":"Too many runs"}}',
    'Glue.ConcurrentRunsExceededException: Too many runs',
  ],
  [
    '{Error=Sandbox.Timedout, Cause={"errorMessage":"Task timed out","errorType":"Sandbox.Timedout"}}',
    'Sandbox.Timedout: Task timed out',
  ],
  ['{"errorType":"TimeoutError","errorMessage":"Task timed out"}', 'TimeoutError: Task timed out'],
  ['{Error=States.Timeout, Cause=}', 'States.Timeout'],
  ['{Error=States.TaskFailed, Cause=}', '{Error=States.TaskFailed, Cause=}'],
  ['could not be started: ReadTimeoutError', 'could not be started: ReadTimeoutError'],
  ['', ''],
])('%j says to people: %s', (text, words) => {
  expect(errorWords(text)).toBe(words);
});
