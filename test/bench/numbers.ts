/** Splits a list into parts of a size; the last one may be smaller. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

/** The median by a measure; of an even number of items, the upper of the two in the middle. */
export function medianBy<T>(items: readonly T[], measure: (item: T) => number): T {
  const sorted = [...items].sort((a, b) => measure(a) - measure(b));
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError('there is no median of nothing');
  return middle;
}

/** A short text with grouped digits: rounded to whole numbers from a thousand on, to three significant digits below. */
export function shownNumber(value: number): string {
  const isWhole = Number.isInteger(value) || Math.abs(value) >= 1_000;
  return isWhole
    ? Math.round(value).toLocaleString('en-US')
    : value.toLocaleString('en-US', { maximumSignificantDigits: 3 });
}
