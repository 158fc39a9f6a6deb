import { expect, test } from 'vitest';
import { describeFacts, type Facts } from '../../../shared/orphans/facts.ts';
import { attemptDetails } from '../../../shared/projection/attempt-details.ts';

const NOW = Date.parse('2026-11-24T06:00:00Z');
const MISSING = `Path does not exist: s3://input/pipeline/input/2026-11-23/${'x'.repeat(10)}.ndjson`;
const LONG = `Java heap space ${'at java.util '.repeat(40)}`;

/** Step Functions puts the job's arguments before what went wrong. */
function jobError(message: string): string {
  const cause = {
    JobName: 'convert',
    Arguments: { '--MANIFEST_PATH': `s3://manifests/manifests/2026-11-23/${'batch-'.repeat(40)}.json` },
    ErrorMessage: message,
  };
  return `{Error=States.TaskFailed, Cause=${JSON.stringify(cause)}}`;
}

function record(error_message: string) {
  const date_prefix = '2026-11-23';
  const failed_time = '2026-11-24T05:00:00Z';
  return { date_prefix, file_key: 'a.ndjson', status: 'failed#3', failed_time, error_message };
}

const evidence = (facts: Facts, subject: string) =>
  describeFacts(facts, NOW).find(({ about }) => about === subject)?.detail;

test.each([MISSING, LONG])(
  'the evidence of a failed file says why it failed in the words of its attempt: %s',
  (why) => {
    const failed = record(jobError(why));
    const read = (name: string) => failed[name as keyof typeof failed];
    const { error } = attemptDetails('processing', 'failed', read, read);
    expect(evidence({ record: failed }, 'record')).toBe(`failed for 1h; error: ${error}`);
    expect(error).toContain(why.slice(0, 40));
  },
);

test('an error that is too long for a line ends with a sign that it was cut', () => {
  expect(evidence({ record: record(jobError(MISSING)) }, 'record')).not.toContain('…');
  expect(evidence({ record: record(LONG) }, 'record')).toMatch(/…$/);
  const report = {
    ...{ location: { bucket: 'manifests', key: 'logs/glue/1.json' }, manifest: undefined },
    ...{ result: 'failed', records: undefined, error: LONG },
  };
  const facts = { record: record(MISSING), report: { found: 'yes', report } } as unknown as Facts;
  expect(evidence(facts, 'job_report')).toMatch(/: its job failed: Java heap space .*…$/);
});

test('what a job wrote is told in rows', () => {
  const report = { location: { bucket: 'm', key: 'logs/glue/1.json' }, result: 'converted', records: 4 };
  const facts = {
    record: record(MISSING),
    report: { found: 'yes', report },
    converted: { by: 'report', at: '2026-11-23', records: 4 },
  } as unknown as Facts;
  expect(evidence(facts, 'job_report')).toBe('s3://m/logs/glue/1.json: its job wrote 4 rows');
  expect(evidence(facts, 'earlier_sweep')).toMatch(/found converted by report on 2026-11-23, with 4 rows$/);
});
