import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import type { OperationDeps } from '../../../shared/operations/operation.ts';
import { ORPHAN_KINDS } from '../../../shared/orphans/verdict.ts';
import { countAttribute } from '../../../shared/projection/counters.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { faultyS3, slowDown } from '../../support/faulty-s3.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { ask, operationDeps } from '../../support/operations.ts';

interface ShownOrphan {
  readonly date_prefix: string;
  readonly file_key: string;
  readonly hours_stuck: number | null;
  readonly recommended_change: string;
}
interface Found {
  readonly total_orphans: number;
  readonly complete: boolean;
  readonly checked: number;
  readonly unknown: number;
  readonly orphans: Readonly<Record<string, readonly ShownOrphan[]>>;
  readonly next_token?: string;
}

const HOUR = 3_600_000;
const begun = Date.now();
const now = begun + 3 * HOUR;
const SHARDS = ['', '#0', '#3', '#9'];
let aws: LocalAws;
let context: OperationDeps;

beforeAll(async () => {
  aws = await localAws();
  const files = fieldFiles(aws, '2026-11-23', begun);
  const processing_start_time = isoTime(begun);
  for (let i = 0; i < 16; i++) {
    await files.input(`stuck-${i}`);
    await files.record(`stuck-${i}`, { status: `processing${SHARDS[i % 4]}`, processing_start_time });
  }
  await files.record('young', { status: 'processing#3', processing_start_time: isoTime(now - HOUR) });
  await files.record('done', { status: 'completed#3', completed_time: isoTime(begun) });
  await files.record('waiting', { status: 'pending#3' });
  context = { ...operationDeps(aws, now), signal: new AbortController().signal };
});

const find = async (input: object = {}, other: Partial<OperationDeps> = {}) =>
  (await ask({ ...context, ...other }, { operation: 'find_orphans', ...input })) as unknown as Found;
const keysOf = ({ orphans }: Found) => Object.values(orphans).flatMap((list) => list.map((o) => o.file_key));

test('the documented answer, with every kind and what is known of each file', async () => {
  const found = await find();
  expect(found).toMatchObject({ total_orphans: 17, complete: true, checked: 19, unknown: 0 });
  expect(Object.keys(found.orphans)).toEqual([...ORPHAN_KINDS]);
  expect(found.orphans.stuck_in_processing).toHaveLength(16);
  expect(found.orphans.missing_outputs?.map(({ file_key }) => file_key)).toEqual(['done']);
  expect(found.orphans.stuck_in_processing?.find(({ file_key }) => file_key === 'stuck-7')).toMatchObject({
    date_prefix: '2026-11-23',
    hours_stuck: 3,
    recommended_change: 'reset',
    cause: 'no_manifest_named',
    summary: 'Processing for 3h: its record names no manifest.',
    evidence: expect.arrayContaining([expect.objectContaining({ about: 'input', found: 'yes' })]),
  });
});

test.each([
  [{ max_processing_hours: 4 }, 1],
  [{ max_processing_hours: 0.5 }, 18],
  [{ max_pending_hours: 1 }, 18],
  [{ kinds: ['missing_outputs'] }, 1],
  [{ grace_minutes: 60 }, 17],
  [{ date_range: { end: '2026-11-22' } }, 0],
])('with %j there are %i', async (input, total) => {
  expect((await find(input)).total_orphans).toBe(total);
});

test.each([1, 3, 10, 16])(
  'pages of at most %i tell of each orphan once',
  { tags: ['long'] },
  async (limit) => {
    const keys: string[] = [];
    let page = await find({ limit });
    for (;;) {
      expect(page.total_orphans).toBeLessThanOrEqual(limit);
      keys.push(...keysOf(page));
      expect(page.complete).toBe(page.next_token === undefined);
      if (!page.next_token) break;
      page = await find({ limit, next_token: page.next_token });
    }
    expect(keys.sort()).toEqual(keysOf(await find()).sort());
  },
);

test('a file of unknown age is no orphan, is named beside them, and is explained as such', async () => {
  const fresh = await localAws();
  const files = fieldFiles(fresh, '2026-11-23', now - 30 * HOUR);
  await files.record('undated', { status: 'processing#3', processing_start_time: 'lately' });
  await files.record('stuck', { status: 'processing#3' });
  for (const name of ['undated', 'stuck']) await files.input(name);
  const deps = operationDeps(fresh, now);
  const found = await ask(deps, { operation: 'find_orphans' });
  expect(found).toMatchObject({ total_orphans: 1, complete: true, checked: 2 });
  const key = { date_prefix: '2026-11-23', file_key: 'undated' };
  expect(found.age_unknown).toEqual({
    count: 1,
    files: [{ ...key, status: 'processing' }],
    message:
      'The age of 1 record is unknown, for example undated of 2026-11-23: none of its times can be read, and the projection has none either. It is left out.',
  });
  expect(await ask(deps, { operation: 'explain_file', ...key })).toMatchObject({
    kind: null,
    recommended_change: 'none',
    next_request: null,
    verdict: expect.stringMatching(/^Processing, age unknown: it is unknown whether it is stuck, /),
  });
});

test('files with an unknown status are none of the orphans, and are counted beside them', async () => {
  const fresh = await localAws();
  const deps = operationDeps(fresh, now);
  expect(await ask(deps, { operation: 'find_orphans' })).not.toHaveProperty('unknown_status');
  await fresh.documents.send(
    new PutCommand({
      TableName: fresh.projectionTable,
      Item: { pk: 'STATS#ALL', sk: '0', [countAttribute('file', 'Pending')]: 8 },
    }),
  );
  expect(await ask(deps, { operation: 'find_orphans' })).toMatchObject({
    total_orphans: 0,
    unknown_status: { count: 8, message: expect.stringMatching(/^8 files have an unknown status/) },
  });
});

test('when time is up, the answer says that it is not complete and where to continue', async () => {
  const first = await find({}, { signal: AbortSignal.abort() });
  expect(first).toMatchObject({ complete: false, checked: 1, total_orphans: 0 });
  const rest = await find({ next_token: first.next_token });
  expect(rest).toMatchObject({ complete: true, checked: 18, total_orphans: 17 });
});

test('what S3 does not tell is unknown, and the answer not complete', async () => {
  const storage = { s3: await faultyS3(aws, slowDown), buckets: aws.buckets };
  const found = await find({}, { storage });
  expect(found).toMatchObject({ total_orphans: 16, complete: false, unknown: 17 });
  expect(found.orphans.stuck_in_processing?.[0]?.recommended_change).toBe('none');
});

test.each([
  [{ max_processing_hours: 0 }, 'max_processing_hours'],
  [{ max_processing_hours: '2' }, 'max_processing_hours'],
  [{ kinds: [] }, 'kinds'],
  [{ kinds: ['lost'] }, 'kinds.0'],
  [{ limit: 0 }, 'limit'],
  [{ grace_minutes: 61 }, 'grace_minutes'],
  [{ next_token: 'abc' }, 'next_token'],
])('%j is refused', async (input, field) => {
  const answer = await ask(context, { operation: 'find_orphans', ...input });
  expect(answer.statusCode).toBe(400);
  expect(answer.error.message).toContain(`"${field}"`);
});
