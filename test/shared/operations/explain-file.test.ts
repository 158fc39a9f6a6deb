import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, expect, test } from 'vitest';
import type { OperationDeps } from '../../../shared/operations/operation.ts';
import { bareName, eventSpelling } from '../../../shared/pipeline/names.ts';
import { consumeBatch } from '../../../shared/projection/consume.ts';
import { pipelineProfile } from '../../../shared/settings/pipeline-profile.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';
import { applyDeps } from '../../support/projection.ts';
import { streamedTable, uploaded } from '../../support/stream-records.ts';

const HOUR = 3_600_000;
const DATE = '2026-11-23';
const begun = Date.now();
const now = begun + 30 * HOUR;
let aws: LocalAws;
let context: OperationDeps;
let files: ReturnType<typeof fieldFiles>;

beforeAll(async () => {
  aws = await localAws();
  context = { ...operationDeps(aws, now), signal: new AbortController().signal };
  files = fieldFiles(aws, DATE, begun);
  await files.output();
});

const explain = (file_key: string, input: object = {}) =>
  ask(context, { operation: 'explain_file', date_prefix: DATE, file_key, ...input });

const JOB = { processing_start_time: isoTime(begun), completed_time: isoTime(begun + 60_000) };

test('a file that its updater missed: the sentence, the evidence, and the request that mends it', async () => {
  await files.input('missed');
  const manifest_path = await files.manifest('m1.json', ['missed'], { status: 'completed', ...JOB });
  await files.record('missed', { status: 'manifested#3', manifest_path });
  const answer = await explain('missed');
  expect(answer).toMatchObject({
    status: 'manifested',
    kind: 'stuck_in_manifested',
    cause: 'updater_missed',
    verdict:
      'Manifested for 1d 6h: its manifest is completed and lists it, but its own record was never updated.',
    recommended_change: 'advance',
    next_request: {
      operation: 'update_state',
      date_prefix: DATE,
      file_key: 'missed',
      new_status: 'completed',
      expected_status: 'manifested',
      dry_run: true,
    },
  });
});

test('the recommended request is one that the service takes, and insists where that is needed', async () => {
  await files.input('unlisted');
  const manifest_path = await files.manifest('m2.json', ['another'], { status: 'completed', ...JOB });
  const fields = { status: 'completed#3', completed_time: isoTime(begun), manifest_path };
  await files.record('unlisted', fields);
  const { next_request, ...answer } = await explain('unlisted');
  expect(answer).toMatchObject({ kind: 'not_in_manifest', recommended_change: 'reset' });
  expect(next_request).toMatchObject({ new_status: 'pending', force: true });
});

test.each([
  [
    'waits',
    { status: 'pending#3', created_at: isoTime(now - HOUR) },
    'Pending for 1h: it is waiting for a builder, which may take 1d. The builder does not wake by itself: the next upload wakes it, or wake-builder.ts does.',
    'none',
  ],
  [
    'fine',
    { status: 'completed#3', completed_time: isoTime(begun) },
    'Completed for 1d 6h: output was written, and its record names no manifest to compare with.',
    'none',
  ],
  [
    'young',
    { status: 'completed#3', completed_time: isoTime(now - 36_000) },
    'Completed for 36s: it was completed too recently to tell.',
    'none',
  ],
  [
    'failed',
    { status: 'failed#3', failed_time: isoTime(begun), error_message: 'Glue said no.' },
    'Failed for 1d 6h: it is settled; it can be retried once the error is fixed.',
    'reset',
  ],
  [
    'refused',
    { status: 'quarantined#3', quarantined_time: isoTime(begun) },
    'Quarantined for 1d 6h: it was refused.',
    'none',
  ],
  [
    'odd',
    { status: 'archived', updated_at: isoTime(begun) },
    'Archived for 1d 6h: unknown status; docs/pipeline.md says which ones a pipeline has.',
    'none',
  ],
])('the healthy file "%s" is explained too', async (name, fields, verdict, recommended_change) => {
  await files.input(name);
  await files.record(name, fields);
  expect(await explain(name)).toMatchObject({ kind: null, cause: null, verdict, recommended_change });
});

test('a manifest is explained by what its record and object say', async () => {
  await files.manifest('m3.json', ['a', 'b'], { status: 'pending', trigger_type: 'stream' });
  expect(await explain('MANIFEST#m3.json')).toMatchObject({
    kind: 'stuck_manifests',
    verdict: 'Pending for 1d 6h: no record shows an execution that has taken it.',
    recommended_change: 'none',
    evidence: [
      { about: 'manifest_record', detail: 'pending for 1d 6h; no execution, trigger stream' },
      { about: 'manifest', detail: expect.stringContaining('lists 2 files, its record says 2') },
    ],
  });
  expect(await explain('MANIFEST#m3.json', { max_manifested_hours: 48 })).toMatchObject({
    kind: null,
    verdict: 'Pending for 1d 6h: it is waiting for an execution, which may take 2d.',
  });
});

test('a record that is gone is explained by its timeline', async () => {
  const table = streamedTable();
  const expiry = { type: 'Service', principalId: 'dynamodb.amazonaws.com' };
  const records = [
    table.write('expired', uploaded()),
    { ...table.remove('expired'), userIdentity: expiry },
    table.write('settled', uploaded()),
    table.write('settled', { status: 'completed#3' }),
    table.remove('settled'),
  ];
  await consumeBatch(records, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  expect((await explain('expired')).verdict).toMatch(
    /^Its record expired at 2026-11-23T05:\S+Z while it was pending: its data was never converted\.$/,
  );
  expect((await explain('settled')).verdict).toMatch(
    /^Its record was removed at 2026-11-23T05:\S+Z while it was completed\.$/,
  );
});

test('a file that nothing is known of is not found', async () => {
  expect(await explain('never-seen')).toMatchObject({ statusCode: 404, error: { code: 'FILE_NOT_FOUND' } });
});

const REASON = 'Size 0.00MB outside expected range 0.1MB - 10MB';

test.each([
  ['', undefined],
  ['pipeline/quarantine/', { quarantine: { prefix: 'pipeline/quarantine/' } }],
])(
  'a refused file has no record, and is explained by its copy behind the prefix "%s"',
  async (prefix, settings) => {
    const profile = pipelineProfile.parse(settings ?? {});
    const name = prefix ? 'refused (2).ndjson' : 'refused (1).ndjson';
    const keys = [
      `pipeline/input/${DATE}/${name}`,
      `pipeline/input/dt=${DATE}/other-${name}`,
      `pipeline/input/hour=05/${DATE}/deep-${name}`,
    ];
    const Metadata = { quarantine_reason: REASON, original_bucket: aws.buckets.input };
    for (const key of keys) {
      const Key = prefix + key;
      await aws.s3.send(new PutObjectCommand({ Bucket: aws.buckets.quarantine, Key, Body: '{', Metadata }));
      const copy = `s3://${aws.buckets.quarantine}/${Key}`;
      const isDeep = key.includes('deep-');
      const spellings = [
        eventSpelling(bareName(key)),
        bareName(key),
        encodeURIComponent(bareName(key)),
        key,
        copy,
      ];
      for (const file_key of isDeep ? [key, copy] : spellings) {
        const asked = { operation: 'explain_file', date_prefix: DATE, file_key };
        expect(await ask({ ...context, profile }, asked)).toMatchObject({
          ...{ status: 'refused', date_prefix: DATE, file_key: eventSpelling(bareName(key)) },
          verdict: `It was refused: ${REASON}. The copy is at ${copy}. A refused file has no record.`,
          ...{ recommended_change: 'none', next_request: null },
        });
      }
    }
  },
);

test('a refused file is explained by its own record where there is one', async () => {
  await files.quarantined('refused-before');
  await files.record('refused-before', { status: 'pending#3', created_at: isoTime(now - HOUR) });
  expect(await explain('refused-before')).toMatchObject({ status: 'pending' });
});

test('an object whose event was lost is told, and one that S3 never tells of', async () => {
  await files.input('lost-event.ndjson');
  await files.input('notes.txt');
  for (const name of ['lost-event.ndjson', `${DATE}/lost-event.ndjson`])
    expect(await explain(name)).toMatchObject({
      ...{ status: 'no_record', file_key: 'lost-event.ndjson' },
      verdict: expect.stringMatching(
        /lost-event\.ndjson has no record: its event was lost or is waiting in the queue\..*npx tsx runbooks\/wake-builder\.ts /,
      ),
    });
  expect(await explain('notes.txt')).toMatchObject({
    status: 'never_told',
    verdict: expect.stringMatching(
      /^S3 never tells the pipeline about s3:.*notes\.txt: only about keys that /,
    ),
  });
});

test('of a lost event with a name that no job reads, the builder is not to be told', async () => {
  await files.input('lost event.ndjson');
  expect(await explain('lost event.ndjson')).toMatchObject({
    ...{ status: 'no_record', file_key: 'lost+event.ndjson' },
    verdict: expect.stringMatching(/ has no record\. Upload it again under a plain name: /),
  });
});

test('what is nowhere is not found', async () => {
  expect(await explain('nowhere.ndjson')).toMatchObject({ statusCode: 404 });
});
