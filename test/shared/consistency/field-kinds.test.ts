import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { countIssues } from '../../../shared/consistency/date-audit.ts';
import { listOtherFolders } from '../../../shared/consistency/list-objects.ts';
import { eventSpelling } from '../../../shared/pipeline/names.ts';
import { pipelineProfile } from '../../../shared/settings/pipeline-profile.ts';
import { dayOf } from '../../../shared/text/time.ts';
import { AUDITED_DATE, auditedDate, timesAround } from '../../support/audited-date.ts';
import { faultyS3, slowDown } from '../../support/faulty-s3.ts';
import type { fieldFiles } from '../../support/field-files.ts';
import type { LocalAws } from '../../support/local-aws.ts';

const DAY = 24 * 3_600_000;
const FOLDER = `pipeline/input/${AUDITED_DATE}/`;
const times = timesAround();
const { AFTER, now } = times;
let aws: LocalAws;
let files: ReturnType<typeof fieldFiles>;
let put: Awaited<ReturnType<typeof auditedDate>>['put'];
let audit: Awaited<ReturnType<typeof auditedDate>>['audit'];

beforeEach(async () => {
  ({ aws, files, put, audit } = await auditedDate(times));
});

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

test('objects that S3 never reports to the pipeline are counted, with samples, and are no issue', async () => {
  const names = ['upper.NDJSON', 'packed.ndjson.gz', '_SUCCESS', 'notes.txt'];
  for (const name of names) await put(aws.buckets.input, FOLDER + name);
  await put(aws.buckets.input, `${AUDITED_DATE}/at-the-root.ndjson`);
  await put(aws.buckets.input, `${AUDITED_DATE}-flat.ndjson`);
  await put(aws.buckets.input, `${FOLDER}empty-folder/`);
  await put(aws.buckets.input, `${FOLDER}lost-event.ndjson`);
  const { named, neverTold, totals } = await audit();
  expect(named).toEqual(['missing_in_db lost-event.ndjson']);
  expect(totals).toMatchObject({ neverTold: 6, objects: 2 });
  expect(neverTold).toHaveLength(5);
  expect(neverTold.every((uri) => uri.startsWith(`s3://${aws.buckets.input}/`))).toBe(true);
  expect(countIssues(totals)).toBe(1);
});

test('in another pipeline S3 reports other keys', async () => {
  await put(aws.buckets.input, `in/${AUDITED_DATE}/x.json`);
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

test('a copy whose reason cannot be read was refused nonetheless', async () => {
  await files.quarantined('refused.ndjson');
  const s3 = await faultyS3(aws, (command) => (command === 'HeadObjectCommand' ? slowDown() : undefined));
  const { issues, named } = await audit({ s3 });
  expect(named).toEqual(['quarantined_without_record refused.ndjson']);
  expect(issues[0]?.message).toMatch(/^It was refused: its copy does not say why\. /);
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

test('a lost event is reported with the next step, and with a note if its date is not in the calendar', async () => {
  const dates = {
    '2001-02-03': /in the queue\.$/,
    '2026-11-31': /is not a date of the calendar\.$/,
    '4711-00-01': /calendar/,
    '2999-01-01': /is in the future\.$/,
  };
  for (const [date, message] of Object.entries(dates)) {
    await put(aws.buckets.input, `pipeline/input/${date}/export-1.ndjson`);
    const { issues, named } = await audit({ date });
    expect(named).toEqual(['missing_in_db export-1.ndjson']);
    expect(issues[0]).toMatchObject({ date_prefix: date, message: expect.stringMatching(message) });
    expect(issues[0]?.next_step).toMatch(/dead letters.*wake-builder\.ts.*upload it again/);
  }
});

test.each(['export (1).ndjson', 'é.ndjson'])(
  'the builder is not to be told of %s, which no job can read and which fails its whole manifest',
  async (name) => {
    await files.input(name);
    const { issues, named } = await audit();
    expect(named).toEqual([`missing_in_db ${eventSpelling(name)}`]);
    expect(issues[0]?.next_step).toMatch(/^Upload it again under a plain name: /);
    const profile = pipelineProfile.parse({ builder: { literal_uris: false } });
    expect((await audit({ profile })).issues[0]?.next_step).toContain('wake-builder.ts');
  },
);

test('nor of a file in a folder whose name needs encoding', async () => {
  await put(aws.buckets.input, `pipeline/input/dt=${AUDITED_DATE}/plain.ndjson`);
  expect((await audit()).issues[0]?.next_step).toMatch(/^Upload it again under a plain name: /);
});

test('an object that is older than quarantined copies are kept may have been refused, and the issue says so', async () => {
  await files.input('old.ndjson');
  const { issues } = await audit({ now: now + 31 * DAY });
  expect(issues[0]?.message).toMatch(/may also have been refused/);
});

test('records of another date do not pair', async () => {
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

test('a lost object is found wherever in its key the date stands, and one of another date is not', async () => {
  const lost = [
    `${AUDITED_DATE}/eu/batch-7/a.ndjson`,
    `${AUDITED_DATE}/eu/2026-11-01-b.ndjson`,
    `${AUDITED_DATE}-c-2026-11-01.ndjson`,
    `${AUDITED_DATE}-run1/d.ndjson`,
    `team/${AUDITED_DATE}/e.ndjson`,
    `team/é ${AUDITED_DATE}.ndjson`,
    `g-${AUDITED_DATE}.ndjson`,
  ];
  const ofOthers = [
    `2026-11-01/${AUDITED_DATE}-x.ndjson`,
    `team/2026-11-01-${AUDITED_DATE}.ndjson`,
    'undated.ndjson',
  ];
  for (const key of [...lost, ...ofOthers]) await put(aws.buckets.input, `pipeline/input/${key}`);
  await put(aws.buckets.quarantine, `pipeline/input/team/${AUDITED_DATE}/e.ndjson`);
  await put(aws.buckets.input, `pipeline/input/team/${AUDITED_DATE}-known.ndjson`);
  const file_path = `s3://${aws.buckets.input}/pipeline/input/team/${AUDITED_DATE}-known.ndjson`;
  await files.record(`${AUDITED_DATE}-known.ndjson`, { status: 'pending#1', file_path });
  const { named, totals } = await audit();
  expect(named).toEqual([
    'missing_in_db %C3%A9+2026-11-23.ndjson',
    'missing_in_db 2026-11-01-b.ndjson',
    'missing_in_db 2026-11-23-c-2026-11-01.ndjson',
    'missing_in_db a.ndjson',
    'missing_in_db d.ndjson',
    'quarantined_without_record e.ndjson',
    'missing_in_db g-2026-11-23.ndjson',
  ]);
  expect(totals.objects).toBe(lost.length + 2);
});

test('an object without a date in its key belongs to the day of its upload, or a later one that its record has', async () => {
  const today = dayOf(Date.now());
  for (const name of ['lost', 'refused', 'filed', 'later']) {
    await put(aws.buckets.input, `pipeline/input/${name}.ndjson`);
    if (name === 'refused') await put(aws.buckets.quarantine, `pipeline/input/${name}.ndjson`);
    const date_prefix = { filed: today, later: dayOf(now + 2 * DAY) }[name];
    const file_path = `s3://${aws.buckets.input}/pipeline/input/${name}.ndjson`;
    const Item = { date_prefix, file_key: `${name}.ndjson`, status: 'pending#1', file_path };
    if (date_prefix) await aws.documents.send(new PutCommand({ TableName: aws.trackingTable, Item }));
  }
  const { issues } = await audit({ date: today, now: now + 2 * DAY });
  expect(issues.map(({ type, date_prefix, file_key }) => `${type} ${date_prefix} ${file_key}`)).toEqual([
    `missing_in_db ${today} lost.ndjson`,
    `quarantined_without_record ${today} refused.ndjson`,
  ]);
  expect((await audit({ now: now + 2 * DAY })).named).toEqual([]);
});

test('what begins with another date, or lies in a folder of this one, is passed over in one request', async () => {
  const root = 'pipeline/input/';
  for (let day = 20; day < 25; day++)
    for (const key of [`2026-11-${day}/a.ndjson`, `2026-11-${day}/b.ndjson`, `2026-11-${day}-c.ndjson`])
      await put(aws.buckets.input, root + key);
  const { s3, requests } = await pagedS3(2);
  const bucket = { bucket: aws.buckets.input, placeOf: () => 'input' as const };
  const names: string[] = [];
  const place = { root, date: AUDITED_DATE, after: '' };
  for await (const { name } of listOtherFolders(s3, bucket, place)) names.push(name);
  expect(names).toEqual([`${AUDITED_DATE}-c.ndjson`]);
  // Three earlier dates, the date's own folder, the later date, and the end.
  expect(requests()).toBe(6);
});

test('where the date is not at the front of flat names, each page of the listing is one request', async () => {
  const root = 'pipeline/input/';
  const all = Array.from({ length: 40 }, (_, i) => `${i + 10}-2026-11-${20 + (i % 4)}.ndjson`);
  for (const name of all) await put(aws.buckets.input, root + name);
  const { s3, requests } = await pagedS3(10);
  const bucket = { bucket: aws.buckets.input, placeOf: () => 'input' as const };
  const names: string[] = [];
  const place = { root, date: AUDITED_DATE, after: '' };
  for await (const { name } of listOtherFolders(s3, bucket, place)) names.push(name);
  expect(names).toEqual(all.filter((name) => name.includes(AUDITED_DATE)));
  // With the object of the healthy file, 41 objects.
  expect(requests()).toBe(5);
});

/** An S3 client that lists pages of this size, and counts them. */
async function pagedS3(MaxKeys: number) {
  let requests = 0;
  const s3 = await faultyS3(aws, (command) => {
    requests += Number(command === 'ListObjectsV2Command');
    return undefined;
  });
  s3.middlewareStack.add((next) => (args) => next({ ...args, input: { ...args.input, MaxKeys } }), {
    step: 'initialize',
  });
  return { s3, requests: () => requests };
}
