import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeAgenda, type SweepPart, shareOut } from '../../../shared/orphans/sweep-agenda.ts';
import { dateNeed } from '../../../shared/orphans/verified-dates.ts';
import { sumCounters } from '../../../shared/projection/counters.ts';
import {
  readVerifiedDate,
  saveVerifiedDate,
  type VerifiedDate,
} from '../../../shared/reports/verified-dates.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { fieldFiles } from '../../support/field-files.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { orphanSearch } from '../../support/orphan-search.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const HOUR = 3_600_000;
const now = Date.now();
const LARGE = 600_000;

describe('the completed files of a large date', () => {
  const counted = (completed: number, agoHours = 0) =>
    sumCounters([
      { file_completed: completed, file_arrived_completed: completed, as_of: now - agoHours * HOUR },
    ]);
  const need = (
    before: Partial<VerifiedDate> | undefined,
    completed: number,
    agoHours = 0,
    profile = FIELD_PROFILE,
  ) =>
    dateNeed(
      before && { date: '2026-11-23', until: 0, open: 0, ...before },
      counted(completed, agoHours),
      profile,
      now,
    );

  test('are listed later while others are being completed, those of a small one at once', () => {
    expect(need(undefined, LARGE)).toBe('later');
    expect(need(undefined, 499_999)).toBe('files');
  });

  test('are listed when the date is at rest', () => {
    expect(need(undefined, LARGE, 4)).toBe('files');
  });

  test('are not listed again before another one was completed', () => {
    expect(need({ arrived: LARGE, until: now }, LARGE, 4)).toBe('nothing');
    expect(need({ arrived: LARGE, until: now }, LARGE + 1, 4)).toBe('files');
    expect(need({ arrived: LARGE, until: now }, LARGE + 1)).toBe('later');
  });

  test('wait for half the life of their manifests and no longer', () => {
    const short = { ...FIELD_PROFILE, manifests: { ...FIELD_PROFILE.manifests, expire_days: 1 } };
    expect(need({ waiting: now - 35 * HOUR }, LARGE)).toBe('later');
    expect(need({ waiting: now - 36 * HOUR }, LARGE)).toBe('files');
    expect(need({ waiting: now - 11 * HOUR }, LARGE, 0, short)).toBe('later');
    expect(need({ waiting: now - 12 * HOUR }, LARGE, 0, short)).toBe('files');
  });

  test.each<[string, Partial<VerifiedDate>]>([
    ['something is wrong that is not remembered', { open: 1 }],
    ['its output was not found', { elsewhere: { files: 10, objects: 0 } }],
  ])('do not wait where %s', (_, before) => {
    expect(need(before, LARGE)).toBe('files');
  });
});

describe('shares', () => {
  const part = (readUnits: number, date?: string): SweepPart => ({ listing: 'completed', date, readUnits });

  test('a small sweep is one unit, with all that may be read', () => {
    expect(shareOut([part(10), part(500)])).toEqual([{ parts: [part(10), part(500)], share: 1 }]);
  });

  test('a large date gets as much of the rate as of the work, and nothing is left out', () => {
    const parts = [
      part(1_250_000, '2026-11-22'),
      ...Array.from({ length: 40 }, (_, i) => part(1_000, `${i}`)),
    ];
    const units = shareOut(parts);
    expect(units).toHaveLength(4);
    expect(units.flatMap((unit) => unit.parts)).toHaveLength(parts.length);
    expect(units.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    const largest = units.find((unit) => unit.parts.some(({ date }) => date === '2026-11-22'));
    expect(largest?.parts).toHaveLength(1);
    expect(largest?.share).toBeGreaterThan(0.9);
  });
});

describe('an agenda', () => {
  let aws: LocalAws;
  const [quiet, moved, busy, told] = ['2026-11-19', '2026-11-20', '2026-11-21', '2026-11-22'] as const;

  beforeAll(async () => {
    aws = await localAws();
    for (const date of [quiet, moved, busy, told]) {
      await fieldFiles(aws, date, now).record('a', { status: 'completed#3', completed_time: isoTime(now) });
    }
    await count(busy, LARGE);
    await count(told, LARGE);
    const projection = { docs: aws.documents, name: aws.projectionTable };
    const seen = { open: 0, until: now };
    await saveVerifiedDate(
      projection,
      { ...seen, date: told, lost: 2, waiting: now - HOUR, unverifiable: 5 },
      now,
    );
    const { verified } = await verify(quiet);
    await saveVerifiedDate(projection, verified, now);
  });

  async function count(date: string, files: number): Promise<void> {
    const counts = { file_completed: files, file_arrived_completed: files, as_of: now };
    const Item = { pk: `STATS#${date}`, sk: '0', ...counts };
    await aws.documents.send(new PutCommand({ TableName: aws.projectionTable, Item }));
  }

  /** Verified, with nothing that has happened since. */
  async function verify(date: string) {
    const { beginDateCheck, endDateCheck } = await import('../../../shared/orphans/verified-dates.ts');
    const check = beginDateCheck(date, undefined, sumCounters([]), now);
    if (!check) throw new Error('not begun');
    return { verified: { ...endDateCheck(check), unverifiable: 7 } };
  }

  test('has every listing of files in flight, and the dates that have something to check or to report', async () => {
    const { units, unverifiable } = await makeAgenda(orphanSearch(aws, now), 'test', () => 3);
    const parts = units.flatMap((unit) => unit.parts).map(({ readUnits: _, ...part }) => part);
    expect(parts).toEqual([
      ...['pending', 'manifested', 'processing', 'manifests_pending', 'manifests_processing'].map(
        (listing) => ({
          listing,
        }),
      ),
      { listing: 'completed', date: moved },
      { listing: 'completed', date: told, toldOnly: true },
    ]);
    expect(unverifiable).toBe(7);
  });

  test('stores once since when a large date has been waiting, and keeps everything else about it', async () => {
    const projection = { docs: aws.documents, name: aws.projectionTable };
    await makeAgenda(orphanSearch(aws, now + HOUR), 'later', () => 0);
    expect(await readVerifiedDate(projection, busy)).toMatchObject({ waiting: now, until: 0, open: 0 });
    expect(await readVerifiedDate(projection, told)).toMatchObject({ waiting: now - HOUR, lost: 2 });
  });
});
