import { expect, test } from 'vitest';
import { decideVerdict } from '../../../shared/orphans/decide-verdict.ts';
import type { Facts } from '../../../shared/orphans/facts.ts';
import { MOST_RESETS } from '../../../shared/orphans/limits.ts';
import { type Cause, CHANGE_FOR, STATUS_AFTER } from '../../../shared/orphans/verdict.ts';
import { allowedNext, isAllowedTransition } from '../../../shared/pipeline/lifecycle.ts';
import type { OutputFacts } from '../../../shared/pipeline/outputs.ts';
import type { ObjectCheck } from '../../../shared/pipeline/storage.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

/** The causes that are found in each status, before a closer look. */
const CAUSES = {
  pending: ['not_taken'],
  manifested: causesOfClaimed(),
  processing: causesOfClaimed(),
  completed: [
    'placeholder_left',
    'manifest_gone',
    'manifest_overwritten',
    'no_output',
    'no_output_in_time',
    'wrote_nothing',
    'failed_unnoticed',
  ],
} as const satisfies Record<string, readonly Cause[]>;

type Found = keyof typeof CAUSES;

function causesOfClaimed() {
  return [
    'builder_died',
    'no_manifest_named',
    'manifest_missing',
    'manifest_gone',
    'manifest_unknown',
    'manifest_overwritten',
    'no_manifest_record',
    'not_started',
    'job_stuck',
    'job_failed',
    'updater_missed',
    'wrote_nothing',
  ] as const;
}

const now = Date.parse('2026-11-24T00:00:00Z');
const place = { bucket: 'b', key: 'a.ndjson' };
const span = { from: now, to: now };
const OBJECTS: readonly ObjectCheck[] = [
  { location: place, found: 'yes', modified: now, metadata: {} },
  { location: place, found: 'no' },
  { location: place, found: 'unknown', error: 'denied' },
];
const OUTPUTS: readonly OutputFacts[] = [
  { locations: [place], span, found: 'in_time', count: 1 },
  { locations: [place], span, found: 'none', count: 0 },
  { locations: [place], span, found: 'at_other_times', count: 1 },
  { locations: [place], span, found: 'unknown', error: 'denied' },
];

/** Every change that a verdict recommends for a file in this status, whatever else is found. */
function recommendedIn(status: Found): Set<string> {
  const statuses = new Set<string>();
  for (const cause of CAUSES[status])
    for (const facts of everyFact(status)) {
      const { change } = decideVerdict({ kind: 'stuck_in_processing', cause }, facts, {
        profile: FIELD_PROFILE,
        now,
      });
      if (change !== 'none') statuses.add(STATUS_AFTER[change]);
    }
  return statuses;
}

function everyFact(status: Found): Facts[] {
  const created_at = '2026-11-23T00:00:00Z';
  const record = { date_prefix: '2026-11-23', file_key: 'a.ndjson', status, created_at };
  // Nobody looks for a copy of a completed file.
  const copies = status === 'completed' ? [undefined] : OBJECTS;
  return [record, { ...record, reset_count: MOST_RESETS }].flatMap((record) =>
    OUTPUTS.flatMap((outputs) =>
      OBJECTS.flatMap((input) =>
        copies.map((copy) => ({ record, outputs, input, copy, outputPlace: 'used' as const })),
      ),
    ),
  );
}

test('what is recommended for a file that has not been converted is allowed without force', () => {
  for (const status of ['pending', 'manifested', 'processing'] as const) {
    const recommended = recommendedIn(status);
    expect([...recommended].filter((to) => !isAllowedTransition(status, to))).toEqual([]);
    expect(recommended.size).toBeGreaterThan(1);
  }
  expect([...recommendedIn('pending')].sort()).toEqual(['failed', 'quarantined']);
  expect([...recommendedIn('processing')].sort()).toEqual(['completed', 'failed', 'pending', 'quarantined']);
});

test('a failed file may be reset, which is what an explanation of it recommends', () => {
  expect(isAllowedTransition('failed', STATUS_AFTER.reset)).toBe(true);
});

test('no transition from completed is allowed, whatever is recommended: the data may be converted twice', () => {
  expect(recommendedIn('completed')).toEqual(new Set(['pending', 'failed', 'quarantined']));
  expect(allowedNext('completed')).toEqual([]);
});

test('every cause that calls for a change is found in a status above, or follows from one that is', () => {
  const direct = new Set<Cause>(Object.values(CAUSES).flat());
  const followed: Cause[] = ['input_missing', 'quarantined', 'no_rows', 'rows_in_output'];
  const changing = Object.entries(CHANGE_FOR).flatMap(([cause, change]) =>
    change === 'none' ? [] : [cause as Cause],
  );
  expect(changing.filter((cause) => !direct.has(cause) && !followed.includes(cause))).toEqual([]);
});
