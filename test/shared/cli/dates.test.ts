import { expect, test } from 'vitest';
import { closedRange, resolveDates } from '../../../shared/cli/dates.ts';
import { datesBetween } from '../../../shared/text/time.ts';

const now = Date.parse('2026-03-01T00:30:00Z');

test('today and yesterday are days in UTC', () => {
  expect(resolveDates({ date: 'today' }, now)).toEqual({ start: '2026-03-01', end: '2026-03-01' });
  expect(resolveDates({ from: 'yesterday' }, now)).toEqual({ start: '2026-02-28', end: undefined });
});

test('one date beside a range, and a range that ends before it begins, are refused', () => {
  expect(() => resolveDates({ date: 'today', to: 'today' }, now)).toThrow(
    '--date: received "today" together with --to, use one or the other.',
  );
  expect(() => resolveDates({ from: 'today', to: 'yesterday' }, now)).toThrow(
    expect.objectContaining({ exitCode: 2, hint: '--from must not be after --to.' }),
  );
});

test('a range without an end goes up to today; one without a beginning is refused', () => {
  expect(closedRange({ start: '2026-02-27' }, now)).toEqual({ start: '2026-02-27', end: '2026-03-01' });
  expect(closedRange({}, now)).toBeUndefined();
  expect(() => closedRange({ end: '2026-02-27' }, now)).toThrow(
    expect.objectContaining({ exitCode: 2, hint: 'Add --from.' }),
  );
});

test('dates continue across the ends of months', () => {
  expect(datesBetween('2028-02-28', '2028-03-01')).toEqual(['2028-02-28', '2028-02-29', '2028-03-01']);
  expect(datesBetween('2026-01-02', '2026-01-01')).toEqual([]);
  expect(datesBetween('2026-02-31', '2026-03-01')).toEqual(['2026-03-01']);
  expect(datesBetween('2025-13-40', '2026-01-01')).toEqual(['2026-01-01']);
});
