import { beforeAll, expect, test } from 'vitest';
import { isPlainName } from '../../../shared/pipeline/names.ts';
import { LIVES, type LifeName, type LivedBatch, liveScenario } from '../../support/field-life.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { inShort, orphanSearch, searchAll, verdictsOf } from '../../support/orphan-search.ts';

const HOUR = 3_600_000;
const begun = Date.now();
let aws: LocalAws;
const batches = new Map<string, LivedBatch>();

beforeAll(async () => {
  aws = await localAws();
  for (const [i, name] of (Object.keys(LIVES) as LifeName[]).entries()) {
    const day = new Date(Date.parse('2026-10-01') + i * 24 * HOUR).toISOString().slice(0, 10);
    batches.set(name, await liveScenario(aws, name, day));
  }
});

/** What the pipeline leaves behind, and what is to be concluded: of its files, and of its manifest. */
const FAULTS: Record<string, { file: string; manifest?: string; manifestKey?: string }> = {
  updater_missed: { file: 'stuck_in_manifested updater_missed advance' },
  builder_died: { file: 'stuck_in_manifested builder_died reset' },
  never_started: {
    file: 'stuck_in_manifested not_started reset',
    manifest: 'stuck_manifests not_started none',
  },
  job_stuck: { file: 'stuck_in_manifested job_stuck reset', manifest: 'stuck_manifests job_stuck none' },
  job_refused: { file: 'stuck_in_manifested job_failed reset' },
  never_flushed: { file: 'stuck_in_pending not_taken none' },
  // The older pipeline keeps one record for all manifests of a date.
  simple_stuck: {
    file: 'stuck_in_processing job_stuck reset',
    manifest: 'stuck_manifests job_stuck none',
    manifestKey: 'MANIFEST',
  },
  output_lost: { file: 'missing_outputs no_output reset' },
  manifest_lost: { file: 'missing_manifests manifest_missing reset' },
  manifest_overwritten: { file: 'not_in_manifest manifest_overwritten reset' },
};

test('every fault of the field is found with its kind, cause and change, and nothing healthy is', async () => {
  const expected: Record<string, string> = {};
  for (const [name, { file, manifest, manifestKey }] of Object.entries(FAULTS)) {
    const { files, struck, manifestName } = batches.get(name) as LivedBatch;
    // Of an overwritten manifest, the files of its first builder are lost and those of the second are not.
    const lost = name === 'manifest_overwritten' ? struck : files;
    for (const file_key of lost) {
      // A job cannot read a name that needed encoding: it would take its whole manifest with it again.
      expected[file_key] = isPlainName(file_key) ? file : file.replace(/reset$/, 'quarantine');
    }
    if (manifest) expected[manifestKey ?? `MANIFEST#${manifestName}`] = manifest;
  }
  const pages = await searchAll(orphanSearch(aws, begun + 30 * HOUR));
  expect(inShort(verdictsOf(pages))).toEqual(expected);
  expect(pages.reduce((sum, { unknown }) => sum + unknown, 0)).toBe(0);
});

test('while all is young, nothing is reported', async () => {
  const pages = await searchAll(orphanSearch(aws, begun + 5 * 60_000));
  expect(verdictsOf(pages)).toEqual([]);
});

test('without a grace period, what was left behind a moment ago is reported already', async () => {
  const limits = { pending: 0.05, manifested: 0.05, processing: 0.05 };
  const now = begun + 10 * 60_000;
  const kinds = async (graceHours: number) => {
    const pages = await searchAll(orphanSearch(aws, now, { limits, graceHours }));
    return new Set(verdictsOf(pages).map(({ kind }) => kind));
  };
  expect(await kinds(0)).toContain('not_in_manifest');
  expect(await kinds(0.25)).not.toContain('not_in_manifest');
});

test('a search by pages of three finds the same, each once', { tags: ['long'] }, async () => {
  const whole = verdictsOf(await searchAll(orphanSearch(aws, begun + 30 * HOUR)));
  const paged = verdictsOf(await searchAll(orphanSearch(aws, begun + 30 * HOUR, { pageSize: 3 })));
  expect(paged).toHaveLength(whole.length);
  expect(inShort(paged)).toEqual(inShort(whole));
});

test('only the kinds asked for are reported', async () => {
  const search = orphanSearch(aws, begun + 30 * HOUR, { kinds: ['stuck_manifests', 'missing_outputs'] });
  const kinds = new Set(verdictsOf(await searchAll(search)).map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['stuck_manifests', 'missing_outputs']));
});

test('limits decide what is stuck', async () => {
  const limits = { pending: 40, manifested: 40, processing: 40 };
  const verdicts = verdictsOf(await searchAll(orphanSearch(aws, begun + 30 * HOUR, { limits })));
  const kinds = new Set(verdicts.map(({ kind }) => kind));
  expect(kinds).toEqual(new Set(['missing_manifests', 'missing_outputs', 'not_in_manifest']));
});

test('a verdict says in a sentence what is wrong, and lists what was checked', async () => {
  const verdicts = verdictsOf(await searchAll(orphanSearch(aws, begun + 30 * HOUR)));
  const of = (scenario: string) => {
    const key = batches.get(scenario)?.files[0];
    return verdicts.find(({ file_key }) => file_key === key);
  };
  expect(of('updater_missed')?.summary).toMatch(
    /^Manifested for (1d 5h|1d 6h|1d 5h \d+m): its manifest is completed and lists it, but its own record was never updated\.$/,
  );
  expect(of('updater_missed')?.evidence.map(({ about, found }) => `${about} ${found}`)).toEqual([
    'record yes',
    'manifest yes',
    'manifest_record yes',
    'job_report yes',
    'output yes',
    'input yes',
    'quarantine no',
  ]);
  expect(of('manifest_overwritten')?.evidence[1]?.detail).toMatch(/lists \d files, but not this one$/);
  expect(of('job_refused')?.evidence[2]?.detail).toContain('Rate exceeded');
  expect(of('builder_died')?.evidence[1]?.detail).toMatch(/^placeholder pending-manifest-/);
  expect(of('output_lost')?.evidence.find(({ about }) => about === 'output')?.detail).toMatch(/ are empty$/);
});
