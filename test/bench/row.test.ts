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

test('a ratio is the value over what it is compared with', () => {
  expect(rowOf('consumer', measured)).toMatchObject({ section: 'consumer', ratio: 0.7 });
});

test('nothing compared with nothing is 0', () => {
  expect(rowOf('redelivery', { ...measured, value: 0, baselineValue: 0 }).ratio).toBe(0);
});

test('a row without a goal has neither met nor missed one', () => {
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
