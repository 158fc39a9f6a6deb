import { expect, test } from 'vitest';
import { formed } from '../../../shared/operations/answer-form.ts';
import { fitToResponse, listCutter } from '../../../shared/operations/answers.ts';
import { shownLeftOuts } from '../../../shared/operations/resets.ts';

const item = (id: number, bytes: number) => ({ id, filler: 'é'.repeat(bytes / 2) });

test('a list that fits is left as it is', () => {
  const items = [item(1, 10), item(2, 10)];
  expect(fitToResponse(items)).toBe(items);
  expect(fitToResponse([])).toEqual([]);
});

test('a list over the limit of a response is cut to what fits, counted in bytes', () => {
  const items = Array.from({ length: 20 }, (_, i) => item(i, 400_000));
  const kept = fitToResponse(items);
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(6_291_456);
  expect(kept).toEqual(items.slice(0, 14));
});

test('a list that was cut also fits as text within JSON, where quotes take more room', () => {
  const items = Array.from({ length: 20 }, (_, id) => ({ id, filler: '"'.repeat(400_000) }));
  const files = fitToResponse(items);
  expect(files.length).toBeGreaterThan(1);
  expect(JSON.parse((formed({ files }, 'http') as { body: string }).body)).toEqual({ files });
});

test('the lists of one answer fit it together', () => {
  const cut = listCutter();
  const lists = [cut(Array(20).fill(item(1, 400_000)), 1_000_000), cut(Array(20).fill(item(2, 400_000)))];
  expect(lists.map(({ length }) => length)).toEqual([2, 12]);
  expect(cut([item(3, 10), item(4, 10)])).toHaveLength(2);
  expect(cut(Array(20).fill(item(5, 400_000)))).toHaveLength(1);
});

test('files that are left out take a part of a response, and their number is given if not all are listed', () => {
  const file = {
    ...{ date_prefix: '2026-11-23', file_key: 'x'.repeat(200), status: 'failed' },
    ...({ code: 'INPUT_GONE', reason: 'its input object is gone' } as const),
  };
  const all = Array.from({ length: 10_000 }, () => file);
  const { left_out, left_out_count } = shownLeftOuts({ count: 50_000, files: all });
  expect(left_out_count).toBe(50_000);
  expect(Buffer.byteLength(JSON.stringify(left_out))).toBeLessThan(1_500_100);
  expect(shownLeftOuts({ count: 1, files: [file] })).toEqual({ left_out: [file] });
});
