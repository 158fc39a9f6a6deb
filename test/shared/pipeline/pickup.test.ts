import { beforeAll, expect, test } from 'vitest';
import { waitingText } from '../../../shared/orphans/explain-pending.ts';
import { pickupByDate, pickupLine } from '../../../shared/pipeline/pickup.ts';
import { putRaw, rawFile } from '../../support/changes.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { operationDeps } from '../../support/operations.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const TODAY = '2026-11-23';
const rules = { profile: FIELD_PROFILE, now: Date.parse('2026-11-23T06:00:00Z') };
let aws: LocalAws;

beforeAll(async () => {
  aws = await localAws();
  const pending = Array.from({ length: 3 }, (_, i) =>
    rawFile(`p${i}.ndjson`, { status: { S: `pending#${i}` } }),
  );
  await putRaw(aws, [...pending, rawFile('other.ndjson', { status: { S: 'manifested#3' } })]);
});

const linesOf = async (reset: Readonly<Record<string, number>>, isDone: boolean) =>
  (await pickupByDate(operationDeps(aws), new Map(Object.entries(reset)), isDone)).map(pickupLine);

test('a plan adds its files to those that are pending; files that were written are already counted', async () => {
  expect(await linesOf({ [TODAY]: 1 }, false)).toEqual([
    "2026-11-23, 1 file: today's files wait until 10 are pending: there are 4 now.",
  ]);
  expect(await linesOf({ [TODAY]: 3 }, true)).toEqual([
    "2026-11-23, 3 files: today's files wait until 10 are pending: there are 3 now.",
  ]);
  expect(await linesOf({ [TODAY]: 9 }, false)).toEqual([
    '2026-11-23, 9 files: the next upload takes them, since 10 or more are pending today.',
  ]);
});

test('the next upload takes earlier dates, and later ones are not taken before their day', async () => {
  expect(await linesOf({ '2026-11-20': 2, '2026-11-24': 1 }, true)).toEqual([
    '2026-11-24, 1 file: 2026-11-24 is in the future (UTC): no builder takes its files before that day.',
    '2026-11-20, 2 files: the next upload takes them.',
  ]);
});

test.each([
  ['below the threshold', TODAY, 3, "Today's files wait until 10 are pending: there are 3 now."],
  [
    'with enough of them',
    TODAY,
    12,
    'The builder does not wake by itself: the next upload wakes it, or wake-builder.ts does.',
  ],
  [
    'of an earlier date',
    '2026-11-22',
    0,
    'The builder does not wake by itself: the next upload wakes it, or wake-builder.ts does.',
  ],
  [
    'of a day to come',
    '2026-11-24',
    0,
    '2026-11-24 is in the future (UTC): no builder takes its files before that day.',
  ],
  [
    'of a date that is none',
    '2026-11-31',
    0,
    "2026-11-31 is not a date of the calendar, and sorts after today: no builder takes its files until today's date sorts after it.",
  ],
])('a pending file %s says what it waits for', (_name, date_prefix, pending, text) => {
  expect(waitingText({ date_prefix, file_key: 'a.ndjson' }, pending, rules)).toBe(text);
});

test('for a pending file that no job can read, the advice is not to wait', () => {
  expect(waitingText({ date_prefix: '2026-11-22', file_key: 'a+b.ndjson' }, 0, rules)).toMatch(
    /^No builder should take it: its name needed encoding/,
  );
});
