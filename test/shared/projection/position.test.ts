import { expect, test } from 'vitest';
import { comparePositions, LOWEST_POSITION, positionOf } from '../../../shared/projection/position.ts';

const arn = (label: string) => `arn:aws:dynamodb:eu-central-1:1:table/tracking/stream/${label}`;
const first = arn('2026-11-23T05:22:46.000');
const second = arn('2026-11-25T08:00:00.000');

function at(streamArn: string, sequenceNumber: string): string {
  const position = positionOf(streamArn, sequenceNumber);
  if (!position) throw new Error('no position');
  return position;
}

test('a sequence number of 21 digits sorts before one of 22, unlike as raw text', () => {
  const [low, high] = ['999999999999999999999', '1000000000000000000000'];
  expect(low < high).toBe(false);
  expect(comparePositions(at(first, low), at(first, high))).toBe(-1);
});

test('neighbouring numbers of 25 digits are distinguished, unlike as JavaScript numbers', () => {
  const [low, high] = ['1234567890123456789012345', '1234567890123456789012346'];
  expect(Number(low) < Number(high)).toBe(false);
  expect(comparePositions(at(first, low), at(first, high))).toBe(-1);
});

test('padded and unpadded spellings of one number are one position', () => {
  expect(at(first, '000000000000000437412')).toBe(at(first, '437412'));
});

test('a stream that was switched on later sorts after the earlier one, whatever its numbers', () => {
  expect(comparePositions(at(first, '9'.repeat(40)), at(second, '1'))).toBe(-1);
});

test('every stream record sorts after what a rebuild writes', () => {
  expect(comparePositions(LOWEST_POSITION, at(first, '0'))).toBe(-1);
});

test.each([
  [undefined, '1'],
  [first, undefined],
  [first, 437_412],
  [first, ''],
  [first, '12a'],
  [first, '1'.repeat(41)],
  ['arn:aws:sqs:eu-central-1:1:queue', '1'],
  [arn(''), '1'],
])('%j with %j has no position', (streamArn, sequenceNumber) => {
  expect(positionOf(streamArn, sequenceNumber)).toBeUndefined();
});
