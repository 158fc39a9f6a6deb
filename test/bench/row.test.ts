import { expect, test } from 'vitest';
import { type Goal, rowOf } from './row.ts';

const measured = {
  name: 'consumer',
  size: 100,
  sizeUnit: 'records',
  value: 70,
  unit: 'transitions/s',
  baseline: 'bare',
  baselineValue: 100,
};
const goal: Goal = { of: 'ratio', bound: 'at least', limit: 0.7, because: '' };

test('the ratio is the value divided by its baseline', () => {
  expect(rowOf('consumer', measured)).toMatchObject({ section: 'consumer', ratio: 0.7 });
});

test('the ratio of 0 to 0 is 0', () => {
  expect(rowOf('redelivery', { ...measured, value: 0, baselineValue: 0 }).ratio).toBe(0);
});

test('a row without a goal neither meets nor misses one', () => {
  expect(rowOf('consumer', measured).met).toBeUndefined();
});

test.each([
  [goal, true],
  [{ ...goal, limit: 0.71 }, false],
  [{ ...goal, bound: 'at most', limit: 0.7 }, true],
  [{ ...goal, of: 'value', limit: 70 }, true],
  [{ ...goal, of: 'value', limit: 71 }, false],
] satisfies [Goal, boolean][])('goal %j is met: %s', (asked, met) => {
  expect(rowOf('consumer', { ...measured, goal: asked }).met).toBe(met);
});
