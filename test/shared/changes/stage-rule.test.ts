import { expect, test } from 'vitest';
import { maxFailedPercent } from '../../../shared/changes/change.ts';

test('the percentage of a stage is shown as it was given', () => {
  const percentages = [0.1, 5, 7, 29, 99.9];
  expect(percentages.map((percent) => maxFailedPercent({ badBelow: percent / 100 }))).toEqual(percentages);
});
