import { beforeAll, expect, test } from 'vitest';
import { answerPage } from '../../../shared/dashboard/page-source.ts';
import { runRebuild } from '../../../shared/projection/rebuild-run.ts';
import { learnSuffixes } from '../../../shared/projection/suffixes.ts';
import { applyDeps } from '../../support/projection.ts';
import { putRecords } from '../../support/tracking-records.ts';
import { textOf } from './view-data.ts';
import { DATE, PLACE, type WidgetBench, widgetBench } from './widget-bench.ts';

const TOO_LONG = { entity: 'file', suffix: `#${'x'.repeat(2_000)}` } as const;
const failed = { view: 'files', date: DATE, status: 'failed', sort: 'name', links: 'addresses' } as const;

let bench: WidgetBench;

beforeAll(async () => {
  bench = await widgetBench();
  await bench.putFile('a.ndjson');
}, 120_000);

const page = (event: object) => answerPage({ ...event, links: 'addresses' }, PLACE, bench.source);
const shownText = async (event: object) => textOf(String(await page(event)));

async function fileOf(event: object, form: 'csv' | 'ndjson' = 'csv') {
  const file = await page({ ...event, download: form });
  if (typeof file === 'string') throw new Error('It was drawn, and is no file.');
  return { ...file, lines: file.text.trim().split('\n') };
}

test('a list of a date, of which nothing is missing, is named as it is', async () => {
  const dated = { view: 'files', date: DATE, sort: 'name' };
  expect(await fileOf(dated)).toMatchObject({ name: 'files.csv', form: 'csv' });
  expect((await fileOf(dated)).text).toContain('a.ndjson');
  expect(await shownText(dated)).toContain('As a file, all 1:');
});

test('a list that is too long for one file is named as a part, with how many files are missing from it', async () => {
  const date_prefix = '2026-11-21';
  const keys = Array.from({ length: 2_600 }, (_, i) =>
    JSON.stringify({ date_prefix, file_key: `f-${i}.ndjson` }),
  );
  const record = { status: 'failed#1', created_at: `${date_prefix}T01:00:00Z` };
  await putRecords(bench.aws, new Map(keys.map((key) => [key, record])));
  const { tracking } = bench.source;
  const options = { id: 'first', segments: 1, recordsPerSecond: 1e6, clock: () => performance.now() };
  await runRebuild(options, { ...applyDeps(bench.aws), tracking });
  const { name, lines } = await fileOf({ view: 'files', date: date_prefix, sort: 'name' });
  const written = lines.length - 1;
  expect(written).toBeLessThan(2_600);
  expect(name).toBe(`files-part-${2_600 - written}-missing.csv`);
  const ofClass = { view: 'files', date: date_prefix, status: 'failed', older: '1s', sort: 'name' };
  expect((await fileOf(ofClass, 'ndjson')).name).toBe('files-part.ndjson');
  expect(await shownText(ofClass)).toContain('found so far; its name says that it is a part');
});

test('a list by age, from which files of unknown age are left out, is named as a part', async () => {
  const date_prefix = '2026-11-20';
  const records = [
    ['old', { created_at: `${date_prefix}T01:00:00Z` }],
    ['undated', { created_at: 'unreadable' }],
  ] as const;
  const keyOf = (name: string) => JSON.stringify({ date_prefix, file_key: `${name}.ndjson` });
  await putRecords(
    bench.aws,
    new Map(records.map(([name, times]) => [keyOf(name), { status: 'pending#1', ...times }])),
  );
  const { name, lines } = await fileOf({ view: 'files', date: date_prefix, status: 'pending', older: '1h' });
  expect([name, lines.length]).toEqual(['files-part-1-missing.csv', 2]);
});

test('a list with missing files is not exported, and no link claims to have all files', async () => {
  await learnSuffixes(bench.source.projection, [TOO_LONG], [], new Set());
  await expect(page({ ...failed, download: 'csv' })).rejects.toThrow(
    'cannot be exported: More shard suffixes are in use',
  );
  const text = await shownText(failed);
  expect(text).toContain('a.ndjson');
  expect(text).toContain('It cannot be exported while files are missing from the list.');
  expect(text).not.toContain('all 1');
});

test('what lists nothing is drawn, whatever form it is asked for in', async () => {
  expect(await shownText({ view: 'overview', download: 'csv' })).toContain('Overview');
});
