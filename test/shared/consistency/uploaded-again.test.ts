import { beforeEach, expect, test } from 'vitest';
import { eventSpelling } from '../../../shared/pipeline/names.ts';
import { auditedDate, timesAround } from '../../support/audited-date.ts';
import type { fieldFiles } from '../../support/field-files.ts';
import type { LocalAws } from '../../support/local-aws.ts';

const times = timesAround();
const { LONG_BEFORE, BEFORE, AFTER } = times;
let aws: LocalAws;
let files: ReturnType<typeof fieldFiles>;
let put: Awaited<ReturnType<typeof auditedDate>>['put'];
let audit: Awaited<ReturnType<typeof auditedDate>>['audit'];

beforeEach(async () => {
  ({ aws, files, put, audit } = await auditedDate(times));
});

test.each([
  [
    'completed',
    { completed_time: BEFORE, processing_start_time: LONG_BEFORE },
    /after its file was completed at .*: the new content was never converted/,
    /--force.*_source_file/,
  ],
  [
    'completed',
    { completed_time: AFTER, processing_start_time: BEFORE },
    /while its job ran: the new content may not have been converted/,
    /--force/,
  ],
  [
    'failed',
    { failed_time: BEFORE },
    /after its file was failed/,
    /^Reset it: `npx tsx runbooks\/update-state\.ts \S+ --date 2026-11-23 --new-status pending`\.$/,
  ],
  [
    'quarantined',
    { quarantined_time: BEFORE },
    /after its file was quarantined/,
    /^If the new content is valid, reset it: `npx tsx runbooks\/update-state\.ts .* --force`\.$/,
  ],
])(
  'an object that is newer than its %s record was uploaded again: %j',
  async (status, times, message, next) => {
    for (const name of ['twice.ndjson', "it's twice!.ndjson"]) {
      await files.input(name);
      await files.record(name, { status: `${status}#3`, ...times });
    }
    const { issues, named } = await audit();
    const keys = ['twice.ndjson', eventSpelling("it's twice!.ndjson")].sort();
    expect(named).toEqual(keys.map((key) => `uploaded_again ${key} ${status}`));
    for (const issue of issues) expect(issue.message).toMatch(message);
    const stepOf = (key: string) => issues.find(({ file_key }) => file_key === key)?.next_step;
    expect(stepOf('twice.ndjson')).toMatch(next);
    // A reset of a name that no job reads would fail its whole manifest.
    expect(stepOf(eventSpelling("it's twice!.ndjson"))).toMatch(/^Upload it again under a plain name: /);
  },
);

test.each([
  ['pending', {}],
  ['manifested', { manifest_time: BEFORE }],
  ['processing', { processing_start_time: BEFORE }],
  ['completed', { manifest_time: BEFORE, processing_start_time: AFTER, completed_time: AFTER }],
  ['completed', { manifest_time: AFTER, processing_start_time: BEFORE, completed_time: AFTER }],
  ['failed', { processing_start_time: BEFORE, failed_time: AFTER }],
  ['completed', { created_at: 'once', completed_time: 'later' }],
])('an upload whose content a %s record still tells of, or may, is no issue: %j', async (status, times) => {
  await files.input('once.ndjson');
  await files.record('once.ndjson', { status: `${status}#3`, ...times });
  expect((await audit()).named).toEqual([]);
});

test('a repeated upload is found even where only its record says so', async () => {
  const key = 'pipeline/input/region=eu/nodate.ndjson';
  await put(aws.buckets.input, key);
  const file_path = `s3://${aws.buckets.input}/${key}`;
  await files.record('nodate.ndjson', { status: 'completed', completed_time: BEFORE, file_path });
  const { named, totals } = await audit();
  expect(named).toEqual(['uploaded_again nodate.ndjson completed']);
  expect(totals.objects).toBe(2);
});
