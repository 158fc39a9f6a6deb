import { expect, test } from 'vitest';
import { barPart, lookOf } from '../../../shared/dashboard/status-look.ts';
import { STATUSES } from '../../../shared/pipeline/status.ts';

test('every status has its own tone and shape, different from those of unknown statuses', () => {
  const looks = [...STATUSES, 'archived'].map(lookOf);
  expect(new Set(looks.map(({ tone }) => tone)).size).toBe(STATUSES.length + 1);
  expect(new Set(looks.map(({ shape }) => shape)).size).toBe(STATUSES.length + 1);
  // The one tone whose contrast with the others is not measured.
  expect(STATUSES.map((status) => lookOf(status).tone)).not.toContain('slate');
});

test('in a bar, failures also stand out by their height', () => {
  const tall = STATUSES.filter((status) => barPart(status, 1).isTall);
  expect(tall).toEqual(['failed', 'quarantined']);
});
