import { beforeAll, expect, test } from 'vitest';
import { type Change, newChangeId } from '../../../shared/changes/change.ts';
import { listChangeFiles, markChangeFile, putChangeFile } from '../../../shared/changes/change-file-table.ts';
import {
  createChange,
  listChanges,
  moveChange,
  noteProgress,
  readChange,
} from '../../../shared/changes/change-table.ts';
import type { RecordKey } from '../../../shared/pipeline/tracking-table.ts';
import { changeContext, changeRequest } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';

let aws: LocalAws;
const table = () => changeContext(aws).projection;

const change = (id: string): Change => ({
  ...changeRequest(id),
  state: 'preparing',
  origin: 'test',
  createdAt: '2026-11-23T06:00:00.000Z',
  table: 'tracking',
  files: 1,
  digest: 'd',
});
const fileOf = (file_key: string) => ({
  key: { date_prefix: '2026-11-23', file_key },
  why: 'test',
  forced: false,
  before: { status: { S: 'failed' } },
  after: { status: { S: 'pending' } },
});

beforeAll(async () => {
  aws = await localAws();
});

test('ids sort as the changes were made', () => {
  const ids = [5, 0, 1_000, 60_000].map((millis) =>
    newChangeId(Date.parse('2026-11-23T06:00:00Z') + millis, 'ab'),
  );
  expect(ids[1]).toBe('20261123T060000000Z-ab');
  expect([...ids].sort()).toEqual([ids[1], ids[0], ids[2], ids[3]]);
});

test('changes are listed newest first, page by page, without their files', async () => {
  const ids = Array.from({ length: 7 }, (_, i) =>
    newChangeId(Date.parse('2026-01-01') + i * 40 * 86_400_000, 'x'),
  );
  for (const id of ids) {
    await createChange(table(), change(id));
    await putChangeFile(table(), id, fileOf('a'));
  }
  const listed: string[] = [];
  let next: string | undefined;
  do {
    const page = await listChanges(table(), 3, next);
    listed.push(...page.changes.map(({ id }) => id));
    next = page.next;
  } while (next);
  expect(listed).toEqual(ids.reverse());
});

test('an id is used only once', async () => {
  const first = change('taken');
  expect(await createChange(table(), first)).toBe(first);
  expect(await createChange(table(), { ...first, digest: 'other' })).toEqual(first);
  expect(await readChange(table(), 'taken')).toEqual(first);
  expect(await readChange(table(), 'free')).toBeUndefined();
});

test('a step is taken only from where it begins, and what it makes unknown is removed', async () => {
  await createChange(table(), change('steps'));
  const counts = { applied: 1, skipped: 0, failed: 0 };
  await moveChange(table(), 'steps', { from: ['preparing'], state: 'applying' });
  await moveChange(table(), 'steps', {
    from: ['applying'],
    state: 'stopped',
    counts,
    stopCause: 'interrupted',
  });
  const refused = await moveChange(table(), 'steps', { from: ['preparing'], state: 'done' });
  expect(refused).toMatchObject({ state: 'stopped', counts });
  const by = (identity: string) => ({ identity, source: 'sts', at: '2026-11-23T07:00:00.000Z' });
  for (const name of ['bob', 'eve']) {
    const step = { from: ['stopped', 'applying'], state: 'applying', resumedBy: by(name) } as const;
    await moveChange(table(), 'steps', { ...step, counts: undefined, stopCause: undefined });
  }
  expect(await readChange(table(), 'steps')).toEqual({
    ...change('steps'),
    state: 'applying',
    resumedBy: [by('bob'), by('eve')],
  });
});

test('a late note about preparing does not undo the fact that a change is being applied', async () => {
  await createChange(table(), change('late'));
  await moveChange(table(), 'late', { from: ['preparing'], state: 'applying' });
  await noteProgress(table(), 'late', 'preparing', { prepared: 500 });
  expect(await readChange(table(), 'late')).toEqual({ ...change('late'), state: 'applying' });
});

test('if two runs begin the same stage, one of them does, and the other sees it', async () => {
  await createChange(table(), change('stages'));
  const step = (files: number) => ({ stages: [{ files }] });
  const from = { from: ['preparing', 'applying'], state: 'applying' } as const;
  const begin = (files: number) => moveChange(table(), 'stages', { ...from, ...step(files), stagesSoFar: 0 });
  expect(await begin(10)).toMatchObject(step(10));
  expect(await begin(20)).toMatchObject(step(10));
  const stages = [{ files: 10 }, { files: 100 }];
  await moveChange(table(), 'stages', { ...from, stages, stagesSoFar: 1 });
  const late = await moveChange(table(), 'stages', { ...from, ...step(30), stagesSoFar: 1 });
  expect(late.stages).toEqual(stages);
});

test('the longest file keys have an audit of their own, and pages follow each other', async () => {
  const long = ['x'.repeat(1024), `${'x'.repeat(1023)}y`, 'ä'.repeat(512)];
  const keys = [...long, 'a', 'b', 'c+d.ndjson'].map((file_key) => fileOf(file_key));
  for (const file of keys) await putChangeFile(table(), 'long', file);
  const listed: string[] = [];
  let next: RecordKey | undefined;
  do {
    const page = await listChangeFiles(table(), 'long', 2, next);
    listed.push(...page.files.map(({ key }) => key.file_key));
    next = page.next;
  } while (next);
  expect(listed.sort()).toEqual(keys.map(({ key }) => key.file_key).sort());
});

test('the first audit of a file stands, and so does its first final result', async () => {
  const file = fileOf('once');
  await putChangeFile(table(), 'marks', file);
  expect(await putChangeFile(table(), 'marks', { ...file, why: 'again' })).toEqual(file);
  const mark = (result: Parameters<typeof markChangeFile>[3]) =>
    markChangeFile(table(), 'marks', file.key, result);
  await mark({ kind: 'failed', error: 'throttled' });
  expect(await mark({ kind: 'applied' })).toEqual({ kind: 'applied' });
  expect(await mark({ kind: 'skipped', differs: ['status'] })).toEqual({ kind: 'applied' });
  expect(await mark({ kind: 'failed', error: 'late' })).toEqual({ kind: 'applied' });
});
