import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, expect, test } from 'vitest';
import { type ConversionFacts, findingInCompleted } from '../../../shared/orphans/conversion.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { keysOf, sweepOf } from '../../support/completed-sweep.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { jobReports } from '../../support/job-reports.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DATE = '2026-11-20';
const begun = Date.now();
const soon = begun + 30 * HOUR;
const late = begun + 20 * DAY;
let aws: LocalAws;
let files: ReturnType<typeof fieldFiles>;
let report: ReturnType<typeof jobReports>;

beforeEach(async () => {
  aws = await localAws();
  files = fieldFiles(aws, DATE, begun);
  report = jobReports(aws);
});

const sweep = (now: number) => sweepOf(aws, now, { from: { listing: 'manifested' } });

/** A file that waits for a manifest which lists these. */
async function claimed(name: string, listed: readonly string[], fields?: object): Promise<string> {
  const manifest_path = await files.manifest(`${name}.json`, listed, { ...fields });
  await files.input(name);
  await files.record(name, { status: 'manifested#3', updated_at: isoTime(begun), manifest_path });
  return manifest_path;
}

async function removeRecord(file_key: string): Promise<void> {
  const Key = { date_prefix: DATE, file_key };
  await aws.documents.send(new DeleteCommand({ TableName: aws.trackingTable, Key }));
}

test("a verdict on a stuck file is repeated when its manifest and the manifest's record are gone", async () => {
  const done = { status: 'completed', completed_time: isoTime(begun) };
  await files.output();
  await report(await claimed('missed', ['missed'], done), begun + 60_000);
  await claimed('overwritten', ['another'], done);
  const told = await sweep(soon);
  expect(told.told).toEqual({
    missed: 'stuck_in_manifested updater_missed advance',
    overwritten: 'stuck_in_manifested manifest_overwritten reset',
  });
  await files.expire();
  for (const name of ['missed', 'overwritten']) await removeRecord(`MANIFEST#${name}.json`);
  const after = await sweep(late);
  expect(after.verdicts.map(({ file_key, kind, cause }) => `${file_key} ${kind} ${cause}`).sort()).toEqual([
    'missed stuck_in_manifested updater_missed',
    'overwritten stuck_in_manifested manifest_overwritten',
  ]);
  expect(after.verdicts[0]?.evidence.at(-1)).toMatchObject({
    about: 'earlier_sweep',
    detail: expect.stringMatching(/^found stuck on /),
  });
});

test('a verdict on a stuck file is forgotten once its record names another manifest', async () => {
  await claimed('again', ['another'], { status: 'completed', completed_time: isoTime(begun) });
  expect((await sweep(soon)).told).toEqual({ again: 'stuck_in_manifested manifest_overwritten reset' });
  const manifest_path = `s3://${aws.buckets.manifest}/manifests/${DATE}/second.json`;
  await files.record('again', { status: 'manifested#3', updated_at: isoTime(soon), manifest_path });
  expect((await sweep(soon + 8 * HOUR)).told).toEqual({ again: 'missing_manifests manifest_missing reset' });
});

test('a report that names its output does not hide that this output is gone while other output is there', async () => {
  const early = {
    processing_start_time: isoTime(begun - 9 * HOUR),
    completed_time: isoTime(begun - 8 * HOUR),
  };
  const manifest_path = await files.manifest('m1.json', ['lost'], { status: 'completed', ...early });
  await files.input('lost');
  const completed = { status: 'completed#3', created_at: isoTime(begun - 10 * HOUR) };
  await files.record('lost', { ...completed, completed_time: early.completed_time, manifest_path });
  const output = `s3://${aws.buckets.output}/merged-parquet-${DATE}/`;
  await report(manifest_path, begun - 8 * HOUR, { output });
  await files.output();
  expect((await sweepOf(aws, soon)).told).toEqual({ lost: 'missing_outputs no_output_in_time none' });
});

test.each([null, '', 0])(
  'a lost file with the ttl %j stays remembered until it really expires',
  async (ttl) => {
    await files.output();
    await files.input('lost');
    const manifest_path = await files.manifest('m1.json', ['another'], { status: 'completed' });
    const completed = { status: 'completed#3', completed_time: isoTime(begun), manifest_path };
    await files.record('lost', completed);
    await files.record('lost-too', completed);
    const found = await sweepOf(aws, soon);
    expect(keysOf(found)).toEqual(['lost', 'lost-too']);
    await files.record('lost', { ...completed, ttl });
    expect((await sweepOf(aws, soon + HOUR)).told).toEqual(found.told);
    await files.record('lost', { ...completed, ttl: Math.floor(soon / 1_000) });
    expect(keysOf(await sweepOf(aws, soon + 2 * HOUR))).toEqual(['lost-too']);
  },
);

const place = { bucket: 'b', key: 'manifests/m1.json' };
const LISTS = { location: place, found: 'yes', contents: { files: 1 }, lists: true } as unknown;
/** A completed file that was found lost, of whose manifest nothing is left, while other jobs have written since. */
function lostFacts(cause: string, seen: Partial<ConversionFacts> = {}): ConversionFacts {
  const key = { date_prefix: DATE, file_key: 'lost.ndjson' };
  const times = { created_at: isoTime(begun - 9 * DAY), completed_time: isoTime(begun - 8 * DAY) };
  return {
    record: { ...key, status: 'completed', ...times },
    manifest: {
      name: { kind: 'object', location: place },
      object: { found: 'no' },
      record: undefined,
    },
    report: { found: 'no' },
    outputs: { found: 'in_time', count: 1, locations: [place], span: { from: begun - 9 * DAY, to: begun } },
    lost: {
      ...key,
      version: '["completed"]',
      kind: 'missing_outputs',
      cause,
      seen: '',
      at: begun - 7 * DAY,
      check: 1,
    },
    ...seen,
  };
}
const findingOf = (facts: ConversionFacts) =>
  findingInCompleted(facts, { profile: FIELD_PROFILE, now: begun });

test.each(['no_output_in_time', 'manifest_overwritten', 'wrote_nothing', 'failed_unnoticed'])(
  'output of others does not disprove a loss by %s when what it rested on has gone',
  (cause) => {
    expect(findingOf(lostFacts(cause))).toEqual({ kind: 'missing_outputs', cause });
  },
);

test('output of its own time disproves that there was none at all', () => {
  expect(findingOf(lostFacts('no_output'))).toBeUndefined();
});

test.each([
  ['no_output_in_time', 'converted', undefined],
  ['wrote_nothing', 'converted', undefined],
  ['failed_unnoticed', 'converted', undefined],
  ['manifest_overwritten', 'converted', { kind: 'missing_outputs', cause: 'manifest_overwritten' }],
])('a loss by %s and a report that says %s', (cause, result, expected) => {
  const told = {
    found: 'yes',
    report: { location: place, manifest: 'b/m1', result, outputs: [] },
  } as unknown;
  expect(findingOf(lostFacts(cause, { report: told as ConversionFacts['report'] }))).toEqual(expected);
});

test.each([
  ['no_output_in_time', undefined],
  ['manifest_overwritten', undefined],
])(
  'a loss by %s is disproved by a manifest that lists the file, with output of its time',
  (cause, expected) => {
    const facts = lostFacts(cause);
    const object = LISTS as ConversionFacts['manifest']['object'];
    expect(findingOf({ ...facts, manifest: { ...facts.manifest, object } })).toEqual(expected);
  },
);
