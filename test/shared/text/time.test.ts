import { expect, test } from 'vitest';
import { parseFieldTime, secondsBetween } from '../../../shared/text/time.ts';

test.each([
  ['2026-11-23T05:22:53.532494+00:00', '2026-11-23T05:22:53.532Z'],
  ['2026-11-23T05:22:53+00:00', '2026-11-23T05:22:53.000Z'],
  ['2026-11-30T05:22:53.532494+00:00', '2026-11-30T05:22:53.532Z'],
  ['2026-11-23T05:22:53.5Z', '2026-11-23T05:22:53.500Z'],
  ['2026-11-23T05:22:53.532Z', '2026-11-23T05:22:53.532Z'],
  ['2026-11-23T05:22:53Z', '2026-11-23T05:22:53.000Z'],
  ['2026-11-23T07:22:53.5+02:00', '2026-11-23T05:22:53.500Z'],
  ['2026-11-23T05:22:53.532494', '2026-11-23T05:22:53.532Z'],
  ['2026-11-23 05:22:53', '2026-11-23T05:22:53.000Z'],
])('%s is read as %s', (spelling, time) => {
  expect(parseFieldTime(spelling)).toBe(time);
});

test('a naive time is UTC whatever the zone of the machine', () => {
  const zone = process.env.TZ;
  process.env.TZ = 'Asia/Tokyo';
  try {
    expect(parseFieldTime('2026-11-23T05:22:53')).toBe('2026-11-23T05:22:53.000Z');
  } finally {
    process.env.TZ = zone ?? '';
  }
});

test.each([
  [undefined],
  [null],
  [''],
  ['yesterday'],
  ['2026-11-23'],
  ['2026-13-45T99:00:00Z'],
  ['2026-00-10T05:22:53.532Z'],
  ['2026-11-23T24:22:53.532Z'],
  [42],
])('%j is no time', (value) => {
  expect(parseFieldTime(value)).toBeUndefined();
});

test('seconds between two times keep the milliseconds and the sign', () => {
  expect(secondsBetween('2026-11-23T05:22:53.000Z', '2026-11-23T05:22:54.250Z')).toBe(1.25);
  expect(secondsBetween('2026-11-23T05:22:54.000Z', '2026-11-23T05:22:53.000Z')).toBe(-1);
});
