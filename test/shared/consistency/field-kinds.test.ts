import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import {
  AUDIT_START,
  type AuditPage,
  auditPage,
  countIssues,
} from '../../../shared/consistency/date-audit.ts';
import { driftConfirmer } from '../../../shared/consistency/resolve-drift.ts';
import { eventSpelling } from '../../../shared/pipeline/names.ts';
import { type PipelineProfile, pipelineProfile } from '../../../shared/settings/pipeline-profile.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { faultyS3, slowDown } from '../../support/faulty-s3.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DATE = '2026-11-23';
const FOLDER = `pipeline/input/${DATE}/`;
const begun = Date.now();
const now = begun + HOUR;
// Before and after every upload of this file's tests, on however slow a machine.
const BEFORE = isoTime(begun - HOUR);
const AFTER = isoTime(begun + HOUR / 2);
let aws: LocalAws;
let files: ReturnType<typeof fieldFiles>;

beforeEach(async () => {
  aws = await localAws();
  files = fieldFiles(aws, DATE, begun - 2 * HOUR);
  // A file that stays silent beside all that is found.
  await files.input('healthy (1).ndjson');
  await files.record('healthy (1).ndjson', { status: 'completed#3', completed_time: AFTER });
});

const put = (bucket: string, Key: string, Metadata?: Record<string, string>) =>
  aws.s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: '{}', Metadata }));

interface Settings {
  readonly profile?: PipelineProfile;
  readonly now?: number;
  readonly date?: string;
  readonly s3?: LocalAws['s3'];
}

/** An audit in pages of every size, which must agree. */
async function audit({ profile = FIELD_PROFILE, s3 = aws.s3, ...rest }: Settings = {}) {
  const tracking = { docs: aws.documents, name: aws.trackingTable };
  const projection = { docs: aws.documents, name: aws.projectionTable };
  const resolveDrift = driftConfirmer({ tracking, projection }, () => Promise.resolve());
  const storage = { s3, buckets: aws.buckets };
  const deps = { tracking, projection, storage, profile, resolveDrift, graceMillis: HOUR / 4 };
  const results = [];
  for (const keys of [1_000, 2, 1]) {
    const pages: AuditPage[] = [];
    for (let cursor: typeof AUDIT_START | undefined = AUDIT_START; cursor; cursor = pages.at(-1)?.next) {
      const pageSize = { keys, waiting: 1_000 };
      pages.push(await auditPage({ ...deps, date: DATE, now, ...rest, pageSize }, cursor));
    }
    const issues = pages.flatMap((page) => page.issues).sort((a, b) => (a.file_key < b.file_key ? -1 : 1));
    const neverTold = pages.flatMap((page) => page.neverTold).slice(0, 5);
    results.push({ issues, neverTold, totals: pages.at(-1)?.totals ?? AUDIT_START.totals });
  }
  const [whole, ...others] = results;
  if (!whole) throw new Error('Nothing was audited.');
  for (const other of others) expect(other).toEqual(whole);
  const named = whole.issues.map(({ type, file_key, status }) => [type, file_key, status].join(' ').trim());
  return { ...whole, named };
}

test.each(['completed', 'failed', 'quarantined', 'strange'])(
  'a %s file whose input has expired is no issue',
  async (status) => {
    await files.input('expired.ndjson');
    await files.record('expired.ndjson', { status: `${status}#3`, updated_at: AFTER });
    const before = await audit();
    await aws.s3.send(new DeleteObjectCommand({ Bucket: aws.buckets.input, Key: `${FOLDER}expired.ndjson` }));
    for (const later of [now, now + 8 * DAY, now + 80 * DAY]) {
      const { named, totals } = await audit({ now: later });
      expect(named).toEqual([]);
      expect(totals).toMatchObject({ records: 2, objects: before.totals.objects - 1, unknown: 0 });
    }
  },
);

test.each([
  ['pending', /before a builder takes it/],
  ['manifested', /when its job has ended/],
  ['processing', /when its job has ended/],
])('a %s file whose input is gone is urgent', async (status, next) => {
  await files.record('lost é.ndjson', { status: `${status}#3` });
  const { issues, named } = await audit();
  expect(named).toEqual([`missing_in_s3 lost+%C3%A9.ndjson ${status}`]);
  expect(issues[0]?.message).toContain('fails with all files of its manifest');
  expect(issues[0]?.next_step).toMatch(/^Urgent: /);
  expect(issues[0]?.next_step).toMatch(next);
});

test('settled files are not looked for one by one', async () => {
  const heads: unknown[] = [];
  const s3 = await faultyS3(aws, (command) => {
    if (command === 'HeadObjectCommand') heads.push(command);
    return undefined;
  });
  for (let i = 0; i < 20; i++)
    await files.record(`old-${i}.ndjson`, { status: 'completed', completed_time: AFTER });
  await audit({ s3 });
  expect(heads).toEqual([]);
});

test('objects that S3 never tells the pipeline of are counted with samples, and are no issue', async () => {
  const names = ['upper.NDJSON', 'packed.ndjson.gz', '_SUCCESS', 'notes.txt'];
  for (const name of names) await put(aws.buckets.input, FOLDER + name);
  await put(aws.buckets.input, `${DATE}/at-the-root.ndjson`);
  await put(aws.buckets.input, `${DATE}-flat.ndjson`);
  await put(aws.buckets.input, `${FOLDER}empty-folder/`);
  await put(aws.buckets.input, `${FOLDER}lost-event.ndjson`);
  const { named, neverTold, totals } = await audit();
  expect(named).toEqual(['missing_in_db lost-event.ndjson']);
  expect(totals).toMatchObject({ neverTold: 6, objects: 2 });
  expect(neverTold).toHaveLength(5);
  expect(neverTold.every((uri) => uri.startsWith(`s3://${aws.buckets.input}/`))).toBe(true);
  expect(countIssues(totals)).toBe(1);
});

test('another pipeline is told of other keys', async () => {
  await put(aws.buckets.input, `in/${DATE}/x.json`);
  const profile = pipelineProfile.parse({ input: { prefix: 'in/', suffix: '.json' } });
  expect((await audit({ profile })).named).toEqual(['missing_in_db x.json']);
  expect((await audit()).named).toEqual([]);
});

test.each([
  ['', undefined],
  ['refused/', { quarantine: { prefix: 'refused/' } }],
])('a refused file is told with its reason, behind the quarantine prefix "%s"', async (prefix, settings) => {
  const reason = 'Size 0.00MB outside expected range 0.1MB - 10MB';
  const metadata = { quarantine_reason: reason, original_bucket: aws.buckets.input };
  for (const name of ['gone.ndjson', 'still there é.ndjson']) {
    if (name !== 'gone.ndjson') await files.input(name);
    await put(aws.buckets.quarantine, prefix + FOLDER + name, metadata);
  }
  await put(aws.buckets.quarantine, `${prefix}${FOLDER}healthy (1).ndjson`, metadata);
  const { issues, named, totals } = await audit({ profile: pipelineProfile.parse(settings ?? {}) });
  expect(named).toEqual([
    'quarantined_without_record gone.ndjson',
    'quarantined_without_record still+there+%C3%A9.ndjson',
  ]);
  expect(issues[0]).toMatchObject({
    message: `It was refused: ${reason}. The copy is at s3://${aws.buckets.quarantine}/${prefix}${FOLDER}gone.ndjson.`,
    quarantine_reason: reason,
    original_bucket: aws.buckets.input,
  });
  for (const { next_step } of issues) expect(next_step).not.toMatch(/upload/);
  expect(countIssues(totals)).toBe(0);
});

test('a copy that cannot be asked for its reason was refused all the same', async () => {
  await files.quarantined('refused.ndjson');
  const s3 = await faultyS3(aws, (command) => (command === 'HeadObjectCommand' ? slowDown() : undefined));
  const { issues, named } = await audit({ s3 });
  expect(named).toEqual(['quarantined_without_record refused.ndjson']);
  expect(issues[0]?.message).toMatch(/^It was refused: its copy does not tell why\. /);
});

test('a file that was uploaded after its refusal is one whose event was lost', async () => {
  await files.quarantined('corrected.ndjson');
  // Times in listings are as exact as a second.
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await files.input('corrected.ndjson');
  expect((await audit()).named.sort()).toEqual([
    'missing_in_db corrected.ndjson',
    'quarantined_without_record corrected.ndjson',
  ]);
});

test.each([
  [
    'completed',
    { completed_time: BEFORE, processing_start_time: isoTime(begun - 2 * HOUR) },
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
    /^Reset it with update-state\.ts --new-status pending\.$/,
  ],
  [
    'quarantined',
    { quarantined_time: BEFORE },
    /after its file was quarantined/,
    /If the new content is valid/,
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
    for (const issue of issues) {
      expect(issue.message).toMatch(message);
      expect(issue.next_step).toMatch(next);
    }
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

test('an upload again is found where only its record says, too', async () => {
  const key = 'pipeline/input/region=eu/nodate.ndjson';
  await put(aws.buckets.input, key);
  const file_path = `s3://${aws.buckets.input}/${key}`;
  await files.record('nodate.ndjson', { status: 'completed', completed_time: BEFORE, file_path });
  const { named, totals } = await audit();
  expect(named).toEqual(['uploaded_again nodate.ndjson completed']);
  expect(totals.objects).toBe(2);
});

test('a lost event is told with the next step, and a date that is none', async () => {
  const dates = {
    [DATE]: /in the queue\.$/,
    '2026-11-31': /is no date of the calendar\.$/,
    '4711-00-01': /calendar/,
    '2999-01-01': /lies in the future\.$/,
  };
  for (const [date, message] of Object.entries(dates)) {
    await put(aws.buckets.input, `pipeline/input/${date}/export (1).ndjson`);
    const { issues, named } = await audit({ date });
    expect(named).toEqual([`missing_in_db ${eventSpelling('export (1).ndjson')}`]);
    expect(issues[0]).toMatchObject({ date_prefix: date, message: expect.stringMatching(message) });
    expect(issues[0]?.next_step).toMatch(/dead letters.*wake-builder\.ts.*upload it again/);
  }
});

test('of an object that is older than quarantined copies live, it is said that it may have been refused', async () => {
  await files.input('old.ndjson');
  const { issues } = await audit({ now: now + 31 * DAY });
  expect(issues[0]?.message).toMatch(/may have been refused, too/);
});

test('records of another date are nobody’s partner', async () => {
  await files.input('same-name.ndjson');
  const Item = {
    date_prefix: '2026-11-22',
    file_key: 'same-name.ndjson',
    status: 'completed',
    completed_time: AFTER,
  };
  await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  expect((await audit()).named).toEqual(['missing_in_db same-name.ndjson']);
});
