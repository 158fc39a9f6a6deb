import { beforeAll, expect, test } from 'vitest';
import { type Selection, selectFiles } from '../../../shared/changes/selection.ts';
import { isSelected } from '../../../shared/changes/text-conditions.ts';
import { USUAL_SUFFIXES_ONLY } from '../../../shared/pipeline/status-index.ts';
import { CHANGED_AT, changeContext, DATE, putInputs, putRaw, rawFile } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;
const pending = { new_status: 'pending' };

beforeAll(async () => {
  aws = await localAws();
  await putInputs(aws, ['old', 'new', 'timeless', 'unreadable', 'waiting', 'broken', 'done']);
  const file = (name: string, status: string, attributes: Record<string, string> = {}) =>
    rawFile(name, {
      status: { S: status },
      ...Object.fromEntries(Object.entries(attributes).map(([field, S]) => [field, { S }])),
    });
  await putRaw(aws, [
    file('old', 'processing#3', { processing_start_time: '2026-11-23T03:59:59.123456+00:00' }),
    file('new', 'processing', { processing_start_time: '2026-11-23T04:00:01' }),
    file('timeless', 'processing#12'),
    file('unreadable', 'processing#0', { processing_start_time: 'yesterday' }),
    file('waiting', 'manifested#1', { updated_at: '2026-11-23T01:00:00Z' }),
    file('MANIFEST#batch-0001.json', 'processing', { processing_start_time: '2026-11-22T00:00:00Z' }),
    file('broken', 'failed#2', { error_message: 'An error: Input path does not exist.' }),
    file('done', 'completed#2', { updated_at: '2026-11-20T01:00:00Z' }),
  ]);
});

async function select(selection: Partial<Selection>, aim: object = {}) {
  const whole = { statuses: [], suffixes: { ...USUAL_SUFFIXES_ONLY, file: ['#12'] }, ...selection };
  const selected = [];
  for await (const file of selectFiles(changeContext(aws), whole, { ...pending, ...aim }, CHANGED_AT))
    selected.push(file);
  return selected;
}

test('files stuck for longer are selected in every shard; one of unknown age is not, and is listed', async () => {
  const unknown: string[] = [];
  const onAgeUnknown = ({ file_key }: { file_key: string }) => void unknown.push(file_key);
  const selected = await select({ statuses: ['processing'], olderThanHours: 2, onAgeUnknown });
  const hours = Object.fromEntries(selected.map((file) => [file.entry.file_key, file.hours]));
  expect(hours).toEqual({ old: 2 });
  expect(unknown.sort()).toEqual(['timeless', 'unreadable']);
  const entry = (name: string) => selected.find((file) => file.entry.file_key === name)?.entry;
  expect(entry('old')).toEqual({
    date_prefix: DATE,
    file_key: 'old',
    expected: {
      status: 'processing#3',
      attributes: {
        date_prefix: `S:${DATE}`,
        file_key: 'S:old',
        processing_start_time: 'S:2026-11-23T03:59:59.123456+00:00',
        status: 'S:processing#3',
      },
    },
    new_status: 'pending',
    why: 'processing for 2h',
  });
});

test('several statuses are selected together', async () => {
  const selected = await select({ statuses: ['processing', 'manifested'], olderThanHours: 4 });
  expect(selected.map(({ entry }) => entry.file_key)).toEqual(['waiting']);
});

test('each status can have a limit of its own; a status without one is not selected', async () => {
  const keysFor = async (olderThanHours: Record<string, number>) =>
    (await select({ statuses: ['processing', 'manifested'], olderThanHours })).map(
      ({ entry }) => entry.file_key,
    );
  expect(await keysFor({ processing: 2, manifested: 6 })).toEqual(['old']);
  expect(await keysFor({ processing: 2, manifested: 4 })).toEqual(['old', 'waiting']);
  expect(await keysFor({ manifested: 4 })).toEqual(['waiting']);
});

test('files are selected by their error and by their date', async () => {
  const failed = { statuses: ['failed'], errorContains: 'input PATH' };
  expect(await select(failed)).toMatchObject([{ entry: { file_key: 'broken' } }]);
  expect(await select({ ...failed, errorContains: 'timeout' })).toEqual([]);
  expect(await select({ ...failed, range: { start: '2026-11-24' } })).toEqual([]);
});

test.each([
  ['batch-0007.json', true],
  ['manifests/2026-11-23/batch-0007.json', true],
  ['s3://other-name/manifests/2026-11-23/batch-0007.json', true],
  ['0007.json', false],
  ['manifests', false],
])('a file of a manifest is found by %s: %s', (manifest, isFound) => {
  const selection = { manifest };
  const key = { date_prefix: DATE, file_key: 'a' };
  for (const manifest_path of [
    's3://bucket/manifests/2026-11-23/batch-0007.json',
    'manifests/2026-11-23/batch-0007.json',
  ]) {
    expect(isSelected(selection, { ...key, manifest_path })).toBe(isFound);
  }
  expect(isSelected(selection, { ...key, manifest_path: null })).toBe(false);
});

test('a selection without a status is refused: there is no way to mean all files', async () => {
  await expect(select({})).rejects.toMatchObject({ code: 'EMPTY_SELECTION' });
});

test('a transition that is not allowed needs force', async () => {
  await expect(select({ statuses: ['processing', 'completed'] })).rejects.toMatchObject({
    code: 'FORCE_NEEDED',
    message: expect.stringContaining('"completed" to "pending"'),
  });
  const forced = await select({ statuses: ['completed'] }, { force: true });
  expect(forced).toMatchObject([{ entry: { file_key: 'done', forced: true } }]);
});

test('the time is checked after each file that is listed, even if none is selected', async () => {
  const looked: object[] = [];
  const selected = await select({
    statuses: ['processing'],
    errorContains: 'in none of them',
    onDone: (file) => void looked.push(file),
    mustStop: () => looked.length === 2,
  });
  expect(selected).toEqual([]);
  expect(looked).toHaveLength(2);
});
