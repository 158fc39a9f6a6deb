import { beforeAll, expect, test } from 'vitest';
import { createResetCheck } from '../../../shared/changes/reset-check.ts';
import { checkRecord, createCheck } from '../../../shared/orphans/check-record.ts';
import { explainRecord } from '../../../shared/orphans/explain.ts';
import type { Verdict } from '../../../shared/orphans/verdict.ts';
import type { TrackingRecord } from '../../../shared/pipeline/tracking-table.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { jobReports } from '../../support/job-reports.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { orphanSearch } from '../../support/orphan-search.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const begun = Date.now();
const now = begun + 30 * HOUR;
const late = begun + 20 * 24 * HOUR;
const ARN = 'arn:aws:states:us-east-1:123456789012:execution:processor:1a2b';
let aws: LocalAws;
let files: ReturnType<typeof fieldFiles>;
let report: ReturnType<typeof jobReports>;

beforeAll(async () => {
  aws = await localAws();
  files = fieldFiles(aws, DATE, begun);
  report = jobReports(aws);
  await files.output();
});

async function verdict(record: TrackingRecord, at = now): Promise<Verdict> {
  const checked = await checkRecord(orphanSearch(aws, at), record);
  if (checked.kind !== 'orphan') throw new Error(`It is ${checked.kind}.`);
  return checked.verdict;
}
const inShort = ({ kind, cause, change }: Verdict) => `${kind} ${cause} ${change}`;

/** A file whose manifest's record says this. */
async function waiting(name: string, manifest: object): Promise<{ record: TrackingRecord; path: string }> {
  await files.input(name);
  const path = await files.manifest(`${name}.json`, [name], { execution_arn: ARN, ...manifest });
  return { record: await files.record(name, { status: 'manifested#3', manifest_path: path }), path };
}
const RUNNING = { status: 'processing', processing_start_time: isoTime(begun) };

test.each([
  ['hung', RUNNING, 'job_stuck'],
  ['unseen', { status: 'pending' }, 'job_stuck'],
])(
  'while nothing proves that the execution has ended, a reset needs force: %s',
  async (name, fields, cause) => {
    const found = await verdict((await waiting(name, fields)).record);
    expect(found).toMatchObject({ cause, change: 'reset', needs_force: true });
    expect(found.summary).toMatch(/; stop its execution first, since it may still be running\.$/);
    expect(found.commands).toEqual([
      `aws stepfunctions describe-execution --execution-arn ${ARN} --region us-east-1`,
      `aws stepfunctions get-execution-history --execution-arn ${ARN} --reverse-order --max-items 5 --region us-east-1`,
      expect.stringContaining(`aws stepfunctions stop-execution --execution-arn ${ARN} `),
    ]);
  },
);

test.each([
  ['this manifest', 'processing', (path: string) => path, true],
  ['this manifest by its key', 'processing', (path: string) => path.replace(/^s3:..[^/]+./, ''), true],
  ['another manifest', 'processing', () => 'manifests/other.json', false],
  ['this manifest', 'completed', (path: string) => path, false],
])(
  'where the one record of a date names %s and is %s, its files may be reset by force alone, and it may name the execution',
  async (by, status, named, isFound) => {
    const name = `of-date-${status}-${by.replaceAll(' ', '-')}`;
    await files.input(name);
    const path = await files.manifest(`${name}.json`, [name]);
    const record = await files.record(name, { status: 'manifested', manifest_path: path });
    const fields = { status, manifest_path: named(path), execution_arn: ARN };
    await files.record('MANIFEST', { ...fields, processing_start_time: isoTime(begun) });
    const found = await verdict(record);
    expect(found).toMatchObject({ cause: 'no_manifest_record', change: 'reset' });
    expect(found.needs_force).toBe(true);
    expect(found.commands?.length ?? 0).toBe(isFound ? 3 : 0);
    const deps = orphanSearch(aws, now);
    expect((await createResetCheck(deps)(record))?.code).toBe('STILL_RUNNING');
  },
);

test('the run of the job is named where it is known', async () => {
  const error_message = '{Error=States.TaskFailed, Cause={"JobName":"batch-job","Id":"jr_7"}}';
  const { record } = await waiting('named', { ...RUNNING, error_message });
  expect((await verdict(record)).commands).toContain(
    'aws glue get-job-run --job-name batch-job --run-id jr_7 --region us-east-1',
  );
});

test('a manifest that names no execution may still have one, until no job could run that long', async () => {
  const { record } = await waiting('never', {
    status: 'pending',
    execution_arn: undefined,
    trigger_type: 'stream',
  });
  const found = await verdict(record);
  expect(found).toMatchObject({ cause: 'not_started', change: 'reset', needs_force: true });
  expect(found.summary).toMatch(/; first make sure that no execution has it, since no record says so\.$/);
  expect(found.commands).toBeUndefined();
  const later = await verdict(record, begun + 60 * HOUR);
  expect(later).toMatchObject({ cause: 'not_started', change: 'reset' });
  expect(later.needs_force).toBeUndefined();
});

test('there is no execution to stop while a builder may still be at work', async () => {
  await files.input('claimed');
  const fields = { status: 'manifested#3', manifest_path: `pending-manifest-${DATE}-1-1795411381` };
  const record = await files.record('claimed', fields);
  const { profile, ...search } = orphanSearch(aws, begun + 6 * 60_000, { limits: SHORT, graceHours: 0.05 });
  const checked = await checkRecord({ ...search, profile }, record);
  expect(checked).toMatchObject({
    verdict: {
      ...{ cause: 'builder_died', change: 'reset', needs_force: true },
      summary: expect.stringMatching(/; give its builder 15 minutes first, since it may still be running\.$/),
    },
  });
  expect((await verdict(record)).needs_force).toBeUndefined();
});
const SHORT = { pending: 0.01, manifested: 0.01, processing: 0.01 };

test.each([
  ['r-good', {}, 'stuck_in_manifested updater_missed advance'],
  ['r-empty', { records: 0, files: 0 }, 'stuck_in_manifested wrote_nothing reset'],
  ['r-bad', { status: 'failed' }, 'stuck_in_manifested job_failed reset'],
])('a report proves that the execution has ended: %s', async (name, fields, expected) => {
  const { record, path } = await waiting(name, RUNNING);
  await report(path, begun + HOUR, fields);
  const found = await verdict(record);
  expect(inShort(found)).toBe(expected);
  expect(found.needs_force).toBeUndefined();
});

test.each([
  ['processing#3', { processing_start_time: isoTime(begun) }, 'stuck_in_processing'],
  ['manifested#3', { updated_at: isoTime(begun) }, 'stuck_in_manifested'],
])(
  'the report of a job is found though the file was pending for days, and is %s',
  async (status, times, kind) => {
    const name = `waited-${status.slice(0, 4)}`;
    await files.input(name);
    const manifest_path = await files.manifest(`${name}.json`, [name]);
    const created_at = isoTime(begun - 5 * 24 * HOUR);
    const record = await files.record(name, { status, created_at, ...times, manifest_path });
    expect((await verdict(record)).needs_force).toBe(true);
    await report(manifest_path, begun + HOUR);
    const found = await verdict(record);
    expect(inShort(found)).toBe(`${kind} updater_missed advance`);
    expect(found.needs_force).toBeUndefined();
    expect(await createResetCheck(orphanSearch(aws, now))(record)).toBeUndefined();
  },
);

test('the report of an earlier run proves nothing about this one', async () => {
  const { record, path } = await waiting('again', {
    ...RUNNING,
    processing_start_time: isoTime(begun + HOUR),
  });
  await report(path, begun + 60_000, { status: 'failed' });
  expect(await verdict(record)).toMatchObject({ cause: 'job_stuck', needs_force: true });
});

test('a stuck manifest shows the commands as well', async () => {
  const manifest_path = await files.manifest('alone.json', []);
  const manifest = await files.record('x', { ...RUNNING, execution_arn: ARN, manifest_path });
  const record = { ...manifest, file_key: 'MANIFEST#alone.json' };
  const search = orphanSearch(aws, now);
  const { verdict: found } = await explainRecord(search, record);
  expect(found).toMatchObject({ kind: 'stuck_manifests', change: 'none' });
  expect(found?.commands).toHaveLength(3);
});

test('a manifest that has expired is not said to be missing where its record says why it waits', async () => {
  const { record: waits } = await waiting('old-waits', { status: 'pending', execution_arn: undefined });
  const { record: runs } = await waiting('old-runs', RUNNING);
  await files.expire();
  await files.input('old-waits');
  await files.input('old-runs');
  expect(inShort(await verdict(waits, late))).toBe('stuck_in_manifested not_started reset');
  expect(inShort(await verdict(runs, late))).toBe('stuck_in_manifested job_stuck reset');
});

test('no explanation contradicts evidence that the manifest is gone', async () => {
  const { record } = await waiting('early', { ...RUNNING, processing_start_time: isoTime(now - HOUR) });
  await files.expire();
  const { verdict: none, summary, evidence } = await explainRecord(orphanSearch(aws, now), record);
  expect(none).toBeUndefined();
  expect(summary).toMatch(/its job is running; its manifest has been removed since\.$/);
  expect(evidence.find(({ about }) => about === 'manifest')?.detail).toMatch(/ does not exist/);
});

test('a reset is never recommended for a file that the job cannot read, unless this pipeline decodes names', async () => {
  await files.input('a (1).ndjson');
  const record = await files.record('a (1).ndjson', { status: 'manifested#3', manifest_path: null });
  const found = await verdict(record);
  expect(inShort(found)).toBe('stuck_in_manifested no_manifest_named quarantine');
  expect(found.summary).toMatch(
    /; the job cannot read a name with " " and "\(" and "\)": upload the file again under a plain name\.$/,
  );
  const profile = { ...FIELD_PROFILE, builder: { ...FIELD_PROFILE.builder, literal_uris: false } };
  const decoding = await checkRecord(orphanSearch(aws, now, { profile }), record);
  expect(decoding).toMatchObject({ verdict: { change: 'reset' } });
});

test('the file that made a manifest fail is distinguished from the others in it', async () => {
  const culprit = 'b (1).ndjson';
  for (const name of [culprit, 'c.ndjson']) await files.input(name);
  const uri = `s3://${aws.buckets.input}/pipeline/input/${DATE}/b+%281%29.ndjson`;
  const error_message = `{Error=States.TaskFailed, Cause={"ErrorMessage":"Path does not exist: ${uri}","JobName":"j"}}`;
  const failed = { status: 'failed#1', failed_time: isoTime(begun), error_message };
  const explain = async (name: string, fields = {}) => {
    const record = await files.record(name, { ...failed, ...fields });
    const { summary, change } = await explainRecord(createCheck(orphanSearch(aws, now)), record);
    return `${change}: ${summary}`;
  };
  expect(await explain(culprit, { file_path: uri, file_key: 'b+%281%29.ndjson' })).toMatch(
    /^quarantine: Failed for 1d 6h: its job failed because of it: the job cannot read a name with /,
  );
  expect(await explain('c.ndjson')).toBe(
    'reset: Failed for 1d 6h: it failed only because its manifest held b (1).ndjson, which the job could not read.',
  );
  expect(await explain('gone.ndjson')).toMatch(
    /^none: .*; it cannot be retried because its input object is gone/,
  );
  const { record } = await waiting('d.ndjson', { status: 'failed', error_message });
  expect(
    await explain('d.ndjson', { manifest_path: record.manifest_path, error_message: undefined }),
  ).toMatch(/^reset: .* it failed only because its manifest held /);
});

test('the one record of a date is not that of any manifest: all executions of the date write it', async () => {
  await files.input('older.ndjson');
  const manifest_path = await files.manifest('older.json', ['older.ndjson']);
  const meta = await files.record('MANIFEST', { ...RUNNING, manifest_path });
  expect(await verdict(meta)).toMatchObject({ kind: 'stuck_manifests', cause: 'job_stuck' });
  await files.record('MANIFEST', { status: 'completed', completed_time: isoTime(begun), manifest_path });
  const claimed = (status: string) =>
    files.record('older.ndjson', { status, processing_start_time: isoTime(begun), manifest_path });
  expect(await verdict(await claimed('processing#1'))).toMatchObject({
    cause: 'job_stuck',
    needs_force: true,
  });
  expect((await verdict(await claimed('manifested#1'))).cause).toBe('no_manifest_record');
});
