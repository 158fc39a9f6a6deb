import { beforeAll, expect, test } from 'vitest';
import { searchPage } from '../../../shared/orphans/search.ts';
import type { SearchPage } from '../../../shared/orphans/search-page.ts';
import { checkObject } from '../../../shared/pipeline/storage.ts';
import { faultyS3, forbidden, slowDown } from '../../support/faulty-s3.ts';
import { liveScenario } from '../../support/field-life.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { inShort, orphanSearch, searchAll, verdictsOf } from '../../support/orphan-search.ts';

const HOUR = 3_600_000;
const now = Date.now() + 30 * HOUR;
const TOLD = ['converted', 'output_lost', 'manifest_lost', 'manifest_overwritten', 'updater_missed'] as const;
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  const names = [...TOLD, 'builder_died', 'job_stuck', 'never_flushed'] as const;
  for (const [i, name] of names.entries()) {
    await liveScenario(aws, name, `2026-10-0${i + 1}`);
  }
});

const unknownIn = (pages: readonly SearchPage[]) => pages.reduce((sum, page) => sum + page.unknown, 0);
const search = async (plan: Parameters<typeof faultyS3>[1]) => {
  const storage = { s3: await faultyS3(aws, plan), buckets: aws.buckets };
  return searchAll(orphanSearch(aws, now, { storage }));
};

test.each([
  ['503', slowDown],
  ['403', forbidden],
])(
  'while S3 answers everything with %s, nothing is missing and no change is recommended',
  async (_, fault) => {
    const pages = await search(fault);
    const verdicts = verdictsOf(pages);
    expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(
      new Set(['stuck_in_pending', 'stuck_in_manifested', 'stuck_manifests']),
    );
    expect(new Set(verdicts.map(({ change }) => change))).toEqual(new Set(['none']));
    expect(unknownIn(pages)).toBeGreaterThan(TOLD.length);
    const done = pages.filter(({ verified, checked }) => verified && checked > 0);
    expect(done.filter(({ verified }) => verified?.open === 0)).toEqual([]);
  },
);

test.each(['HeadObjectCommand', 'GetObjectCommand', 'ListObjectsV2Command'])(
  'while only %s fails, what is still reported is true',
  async (failing) => {
    const truth = inShort(verdictsOf(await search(() => undefined)));
    const pages = await search((command) => (command === failing ? slowDown() : undefined));
    for (const { file_key, kind, change } of verdictsOf(pages)) {
      const [trueKind, , trueChange] = (truth[file_key] ?? '').split(' ');
      if (kind.startsWith('stuck')) expect(trueKind).toBeDefined();
      else expect(kind).toBe(trueKind);
      expect(['none', trueChange]).toContain(change);
    }
    expect(unknownIn(pages)).toBeGreaterThan(0);
  },
);

test('what was unknown is found once S3 answers again', async () => {
  const truth = await search(() => undefined);
  let requests = 0;
  const flaky = await search(() => (requests++ % 3 === 0 ? slowDown() : undefined));
  expect(unknownIn(truth)).toBe(0);
  expect(unknownIn(flaky)).toBeGreaterThan(0);
  expect(inShort(verdictsOf(await search(() => undefined)))).toEqual(inShort(verdictsOf(truth)));
});

test('each object is checked once, however many files name it', async () => {
  const seen: string[] = [];
  await search((command, key, bucket) => {
    if (command !== 'HeadBucketCommand') seen.push(`${command} ${bucket}/${key}`);
    return undefined;
  });
  expect(seen).toHaveLength(new Set(seen).size);
});

test('a bucket that does not exist makes no object missing', async () => {
  const seen = await checkObject(aws.s3, { bucket: 'no-such-bucket-at-all', key: 'a' });
  expect(seen).toMatchObject({ found: 'unknown', error: expect.stringContaining('no-such-bucket-at-all') });
  const storage = { s3: aws.s3, buckets: { ...aws.buckets, manifest: 'nowhere', output: 'nowhere-else' } };
  const pages = await searchAll(orphanSearch(aws, now, { storage }));
  expect(verdictsOf(pages).filter(({ kind }) => kind === 'missing_outputs')).toEqual([]);
});

test('an interrupted search continues where it was, and nothing is reported twice', {
  tags: ['long'],
}, async () => {
  const whole = verdictsOf(await searchAll(orphanSearch(aws, now)));
  const told = [];
  let cursor: SearchPage['next'] = { listing: 'pending' };
  while (cursor) {
    // Every page is begun by a process of its own that dies, and done by another one.
    await searchPage(orphanSearch(aws, now, { pageSize: 4 }), cursor);
    const page: SearchPage = await searchPage(orphanSearch(aws, now, { pageSize: 4 }), cursor);
    told.push(...page.verdicts);
    cursor = page.next && JSON.parse(JSON.stringify(page.next));
  }
  expect(told).toHaveLength(whole.length);
  expect(inShort(told)).toEqual(inShort(whole));
});
