import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { type CheckResult, checkRecord } from '../../../shared/orphans/check-record.ts';
import type { Verdict } from '../../../shared/orphans/verdict.ts';
import type { TrackingRecord } from '../../../shared/pipeline/tracking-table.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { orphanSearch } from '../../support/orphan-search.ts';
import { UNUSUAL_NAMES } from '../../support/unusual-names.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const begun = Date.now();
const now = begun + 30 * HOUR;
let aws: LocalAws;
let files: ReturnType<typeof fieldFiles>;

beforeAll(async () => {
  aws = await localAws();
  files = fieldFiles(aws, DATE, begun);
});

const check = (record: TrackingRecord): Promise<CheckResult> => checkRecord(orphanSearch(aws, now), record);
const verdict = async (record: TrackingRecord): Promise<Verdict> => {
  const checked = await check(record);
  if (checked.kind !== 'orphan') throw new Error(`It is ${checked.kind}.`);
  return checked.verdict;
};
const inWords = ({ cause, change, summary }: Verdict) => `${cause}, ${change}: ${summary}`;
const detail = ({ evidence }: Verdict, subject: string) =>
  evidence.find(({ about }) => about === subject)?.detail;

test('quarantine is recommended for a pending file whose copy is in quarantine, for the reason that the copy gives', async () => {
  await files.input('refused');
  await files.quarantined('refused');
  const found = await verdict(await files.record('refused', { status: 'pending#3' }));
  expect(inWords(found)).toBe(
    'quarantined, quarantine: Pending for 1d 6h: its copy is in quarantine, but its record does not say so.',
  );
  expect(detail(found, 'quarantine')).toMatch(/: Not valid\.$/);
});

test('a file that was converted is advanced although a later upload of its name was refused', async () => {
  await files.output();
  const manifest_path = await files.manifest('converted.json', ['twice-sent'], { ...started, ...completed });
  const stuck = { status: 'manifested#3', manifest_path };
  await files.input('twice-sent');
  await files.quarantined('twice-sent');
  const found = await verdict(await files.record('twice-sent', stuck));
  expect(found).toMatchObject({ cause: 'updater_missed', change: 'advance' });
  expect(found.summary).toMatch(
    /; what was converted was not refused, so the copy in quarantine is of another/,
  );
  const unlisted = await files.manifest('pending.json', [], { status: 'pending' });
  expect(
    await verdict(await files.record('twice-sent', { ...stuck, manifest_path: unlisted })),
  ).toMatchObject({ cause: 'quarantined', change: 'quarantine' });
});

test('a copy from before the upload is that of an earlier file', async () => {
  await files.input('again');
  await files.quarantined('again');
  const created_at = isoTime(begun + HOUR);
  expect(await verdict(await files.record('again', { status: 'pending', created_at }))).toMatchObject({
    cause: 'not_taken',
    change: 'none',
  });
});

test('failing is recommended for a file whose input is gone, whatever it waits for', async () => {
  const pending = await verdict(await files.record('lost-1', { status: 'pending#3' }));
  expect(inWords(pending)).toBe(
    'input_missing, fail: Pending for 1d 6h: its input object is gone, so it cannot be converted.',
  );
  const manifest_path = `pending-manifest-${DATE}-1-1795411381`;
  const claimed = await verdict(await files.record('lost-2', { status: 'manifested#3', manifest_path }));
  expect(inWords(claimed)).toBe(
    'builder_died, fail: Manifested for 1d 6h: its builder claimed it and never wrote the manifest; its input object is gone, so it cannot be converted.',
  );
});

test('quarantine is recommended for a file that was reset too often', async () => {
  await files.input('flapping');
  const fields = { status: 'manifested#3', manifest_path: null, reset_count: 3 };
  expect(inWords(await verdict(await files.record('flapping', fields)))).toBe(
    'no_manifest_named, quarantine: Manifested for 1d 6h: its record names no manifest; it has already been reset 3 times.',
  );
});

test.each([{ created_at: undefined }, { created_at: 'yesterday' }, { created_at: 17 }])(
  'a record with the times %j is of unknown age, and not an orphan',
  async (times) => {
    await files.input('timeless');
    for (const status of ['pending', 'processing#1', 'completed']) {
      const record = await files.record('timeless', { status, ...times });
      expect(await check(record)).toEqual({ kind: 'age_unknown' });
    }
  },
);

test('a file that waits for a manifest of unknown age is of unknown age itself', async () => {
  const undated = { status: 'failed', created_at: undefined, failed_time: 'lately' };
  await files.input('waiting');
  const manifest_path = await files.manifest('undated.json', ['waiting'], undated);
  const record = await files.record('waiting', { status: 'manifested', manifest_path });
  expect(await check(record)).toEqual({ kind: 'age_unknown' });
  const fields = { ...undated, failed_time: isoTime(begun) };
  await files.manifest('undated.json', ['waiting'], fields);
  expect(await verdict(record)).toMatchObject({ cause: 'job_failed', change: 'reset' });
});

test('without the times of an upload and its job, neither a copy nor an output is known to be its own', async () => {
  const other = fieldFiles(aws, '2026-11-18', begun);
  const undated = { created_at: 'lately', updated_at: isoTime(begun) };
  await other.input('undated-1');
  await other.quarantined('undated-1');
  const refused = await verdict(await other.record('undated-1', { status: 'manifested', ...undated }));
  expect(refused).toMatchObject({ change: 'none', summary: expect.stringContaining('an earlier upload') });
  await other.output();
  await other.input('undated-2');
  const manifest_path = await other.manifest('m.json', ['undated-2'], completed);
  const missed = await other.record('undated-2', { status: 'manifested', manifest_path, ...undated });
  const found = await verdict(missed);
  expect(found).toMatchObject({ cause: 'updater_missed', change: 'none' });
  expect(detail(found, 'output')).toMatch(/ from before 20/);
});

test('the evidence says that a record is about to be removed', async () => {
  await files.input('expired');
  const ttl = Math.floor(begun / 1000) + 60;
  const found = await verdict(await files.record('expired', { status: 'manifested#3', ttl }));
  expect(detail(found, 'record')).toBe(
    `manifested for 1d 6h; expired at ${isoTime(ttl * 1000)}, so DynamoDB will remove it soon`,
  );
});

const completed = { status: 'completed', completed_time: isoTime(begun + 60_000) };
const started = { processing_start_time: isoTime(begun) };

test('the updater missed a file only if its job has written output, and nothing is lost where there never was any output', async () => {
  const fresh = await localAws();
  const other = fieldFiles(fresh, '2026-11-20', begun);
  const manifest_path = await other.manifest('m1.json', ['missed'], { ...started, ...completed });
  await other.input('missed');
  const record = await other.record('missed', { status: 'manifested#3', manifest_path });
  const found = () => checkRecord(orphanSearch(fresh, now), record);
  expect(await found()).toMatchObject({ verdict: { cause: 'no_output', change: 'none' } });
  await fieldFiles(fresh, '2026-11-01', begun).output();
  expect(await found()).toMatchObject({ verdict: { cause: 'no_output', change: 'reset' } });
  await other.output();
  expect(await found()).toMatchObject({ verdict: { cause: 'updater_missed', change: 'advance' } });
});

test('with output of another time only, no change is recommended', async () => {
  const other = fieldFiles(aws, '2026-11-19', begun);
  await other.output();
  const late = {
    processing_start_time: isoTime(begun + 2 * HOUR),
    completed_time: isoTime(begun + 3 * HOUR),
  };
  const manifest_path = await other.manifest('m2.json', ['unsure'], { ...late, status: 'completed' });
  await other.input('unsure');
  const fields = { status: 'completed#3', completed_time: isoTime(begun + 3 * HOUR), manifest_path };
  const found = await verdict(await other.record('unsure', fields));
  expect(found).toMatchObject({ kind: 'missing_outputs', cause: 'no_output_in_time', change: 'none' });
  expect(detail(found, 'output')).toMatch(/ have 1 object, none from /);
});

test.each([
  ['completed', { completed_time: isoTime(now - 60_000) }],
  ['failed', { failed_time: isoTime(now - 60_000) }],
  ['processing', { processing_start_time: isoTime(now - HOUR) }],
  ['pending', { created_at: isoTime(now - HOUR) }],
])('a file whose manifest became %s a moment ago is under way', async (status, times) => {
  const name = `waiting-${status}`;
  await files.input(name);
  const manifest_path = await files.manifest(`${name}.json`, [name], { status, ...times });
  expect(await check(await files.record(name, { status: 'manifested#3', manifest_path }))).toEqual({
    kind: 'healthy',
  });
});

test('a file that moved or disappeared since it was listed is no orphan', async () => {
  await files.input('mover');
  const listed = await files.record('mover', { status: 'pending#3' });
  await files.record('mover', { status: 'completed#3' });
  expect(await check(listed)).toEqual({ kind: 'healthy' });
  const Key = { date_prefix: listed.date_prefix, file_key: listed.file_key };
  await aws.documents.send(new DeleteCommand({ TableName: aws.trackingTable, Key }));
  expect(await check(listed)).toEqual({ kind: 'healthy' });
});

test('no verdict is based on what a lagging index shows', async () => {
  await files.input('laggard');
  const listed = await files.record('laggard', { status: 'pending#3' });
  await files.record('laggard', { status: 'pending#3', updated_at: isoTime(now - HOUR) });
  expect(await check(listed)).toEqual({ kind: 'healthy' });
});

test('completed files: naming no manifest is no fault, naming a placeholder is, and a record about to expire is skipped', async () => {
  await files.output();
  const fields = { status: 'completed#3', completed_time: isoTime(begun) };
  expect(await check(await files.record('plain', fields))).toEqual({ kind: 'healthy' });
  const manifest_path = `pending-manifest-${DATE}-1-1795411381`;
  const left = { ...fields, manifest_path };
  expect(await verdict(await files.record('left', left))).toMatchObject({
    kind: 'not_in_manifest',
    cause: 'placeholder_left',
    change: 'none',
  });
  const leaving = await files.record('leaving', { ...left, ttl: Math.floor(begun / 1000) });
  expect(await check(leaving)).toEqual({ kind: 'healthy' });
});

test.each([null, '', 0, '1', 1_000_000_000])(
  'a completed file with the ttl %j, which DynamoDB ignores, is checked like any other',
  async (ttl) => {
    await files.output();
    const manifest_path = `pending-manifest-${DATE}-1-1795411381`;
    const fields = { status: 'completed#3', completed_time: isoTime(begun), manifest_path, ttl };
    expect(await verdict(await files.record('staying', fields))).toMatchObject({ cause: 'placeholder_left' });
  },
);

test.each(UNUSUAL_NAMES)('the objects of %s are found', async (name) => {
  await files.input(name);
  await files.output();
  const manifest_path = await files.manifest('unusual.json', [name], { ...started, ...completed });
  const healthy = { status: 'completed#3', completed_time: isoTime(begun), manifest_path };
  expect(await check(await files.record(name, healthy))).toMatchObject({ kind: 'healthy' });
  const stuck = { status: 'pending#3' };
  expect(await verdict(await files.record(name, stuck))).toMatchObject({ cause: 'not_taken' });
  await files.quarantined(name);
  expect(await verdict(await files.record(name, stuck))).toMatchObject({ cause: 'quarantined' });
});
