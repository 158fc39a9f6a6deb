import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, expect, test } from 'vitest';
import { proofKeeper } from '../../../shared/orphans/keep-proofs.ts';
import { searchPage } from '../../../shared/orphans/search.ts';
import type { OrphanSearch, SearchCursor, SearchPage } from '../../../shared/orphans/search-page.ts';
import { beginDateCheck, endDateCheck, isUnverified } from '../../../shared/orphans/verified-dates.ts';
import { sumCounters } from '../../../shared/projection/counters.ts';
import { saveVerifiedDate, type VerifiedDate } from '../../../shared/reports/verified-dates.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { inShort, orphanSearch, verdictsOf } from '../../support/orphan-search.ts';

const HOUR = 3_600_000;
const begun = Date.now();
const now = begun + 30 * HOUR;
const counters = (completed: number, asOf = begun) =>
  sumCounters([{ file_completed: completed, file_arrived_completed: completed, as_of: asOf }]);
const pass = (before: VerifiedDate | undefined, completed: number, asOf?: number) =>
  beginDateCheck('2026-11-23', before, counters(completed, asOf), now);

/** A whole pass that found `open` and skipped `young` files. */
function verified(completed: number, { open = 0, young = 0, asOf = begun } = {}): VerifiedDate {
  const whole = pass(undefined, completed, asOf);
  if (!whole) throw new Error('There was nothing to verify.');
  return endDateCheck({ ...whole, open, young });
}

test('a date whose counters stand still is verified once', () => {
  expect(pass(verified(5), 5)).toBeUndefined();
});

test('a date on which anything happened is checked again, without the files that were checked before', () => {
  const again = pass(verified(5), 6);
  expect(again?.since).toBe(now - 2 * HOUR);
  if (!again) throw new Error('not begun');
  const file = (completed_time: unknown, updated_at?: unknown, state_change_time?: unknown) => {
    const key = { date_prefix: '2026-11-23', file_key: 'a' };
    return isUnverified(again, { ...key, completed_time, updated_at, state_change_time });
  };
  expect(file(isoTime(now - 3 * HOUR))).toBe(false);
  expect(file(isoTime(now))).toBe(true);
  expect(file(isoTime(now - 3 * HOUR), isoTime(now))).toBe(true);
  expect(file('nonsense')).toBe(true);
  const old = isoTime(now - 3 * HOUR);
  expect(file(old, old, old)).toBe(false);
  expect(file(old, old, isoTime(now))).toBe(true);
});

test.each([
  ['something is wrong', { open: 1 }],
  ['some files are too young', { young: 1 }],
  ['something happened just now', { asOf: now - 60_000 }],
])('a date is looked at again when %s', (_, found) => {
  expect(pass(verified(5, found), 5)).toBeDefined();
});

test('a date on which something is wrong is checked as a whole', () => {
  expect(pass(verified(5, { open: 1 }), 5)?.since).toBeUndefined();
});

let aws: LocalAws;
const DATES = ['2026-11-20', '2026-11-21', '2026-11-22'];

beforeAll(async () => {
  aws = await localAws();
  for (const date of DATES) {
    const files = fieldFiles(aws, date, begun);
    await files.output();
    const manifest_path = await files.manifest('m.json', ['a', 'b', 'c']);
    for (const name of ['a', 'b', 'c']) await files.record(name, completedFields(manifest_path));
  }
});

function completedFields(manifest_path: string) {
  return { status: 'completed#3', completed_time: isoTime(begun), manifest_path };
}

/** One sweep's search of the completed files, saving what it verified. */
async function sweep(overrides: Partial<OrphanSearch> = {}): Promise<SearchPage[]> {
  const search = orphanSearch(aws, now, { pageSize: 2, ...overrides });
  const keepProofs = proofKeeper(search);
  const pages: SearchPage[] = [];
  let next: SearchCursor | undefined = { listing: 'completed' };
  while (next) {
    const page: SearchPage = await searchPage(search, next);
    pages.push(page);
    await keepProofs(page.proofs);
    if (page.verified) {
      await saveVerifiedDate(search.projection, page.verified, now);
    }
    next = page.next;
  }
  return pages;
}
const checkedIn = (pages: readonly SearchPage[]) => pages.reduce((sum, { checked }) => sum + checked, 0);

test('completed files are checked once, later only new ones; lost files are reported each time', async () => {
  expect(checkedIn(await sweep())).toBe(9);
  expect(checkedIn(await sweep())).toBe(0);

  const files = fieldFiles(aws, DATES[1] ?? '', begun);
  const manifest_path = await files.manifest('other.json', ['d']);
  await files.record('e', { ...completedFields(manifest_path), completed_time: isoTime(now - HOUR) });
  await files.input('e');
  await countCompleted(DATES[1] ?? '', 1);
  const found = await sweep();
  expect(checkedIn(found)).toBe(1);
  expect(inShort(verdictsOf(found))).toEqual({ e: 'not_in_manifest manifest_overwritten reset' });

  const again = await sweep();
  expect(checkedIn(again)).toBe(1);
  expect(inShort(verdictsOf(again))).toEqual(inShort(verdictsOf(found)));

  await files.manifest('other.json', ['d', 'e']);
  expect(verdictsOf(await sweep())).toEqual([]);
  expect(checkedIn(await sweep())).toBe(0);
});

test('a range of dates limits what is checked', async () => {
  const pages = await sweep({ range: { start: '2026-11-21', end: '2026-11-21' } });
  expect(pages.flatMap(({ next }) => next?.lastDate ?? [])).toEqual(['2026-11-21']);
});

test('a lost file that is completed again by an undo is reported again', async () => {
  const date = '2026-11-19';
  const files = fieldFiles(aws, date, begun);
  const range = { start: date, end: date };
  const lost = async () =>
    verdictsOf(await sweep({ range }))
      .map(({ file_key }) => file_key)
      .sort();
  const manifest_path = await files.manifest('m.json', ['another']);
  const old = { ...completedFields(manifest_path), updated_at: isoTime(begun) };
  await files.record('undone', old);
  await files.record('unchanged', old);
  await countCompleted(date, 2);
  expect(await lost()).toEqual(['unchanged', 'undone']);
  await files.record('undone', { ...old, status: 'pending#3', updated_at: isoTime(now - HOUR) });
  await countCompleted(date, 1);
  expect(await lost()).toEqual(['unchanged']);
  await files.record('undone', { ...old, state_change_id: 'chg-2', state_change_time: isoTime(now - HOUR) });
  await countCompleted(date, 3);
  expect(await lost()).toEqual(['unchanged', 'undone']);
});

/** What the stream's consumer would count. */
async function countCompleted(date: string, files: number): Promise<void> {
  const Item = {
    pk: `STATS#${date}`,
    sk: '0',
    file_completed: files,
    file_arrived_completed: files,
    as_of: begun,
  };
  await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));
}
