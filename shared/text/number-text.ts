/** A count for a person: `338,000`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** A part of a whole: `12.5%`; empty when there is no whole. */
export function percent(part: number, whole: number): string {
  return whole === 0 ? '' : `${((part / whole) * 100).toFixed(1)}%`;
}

/** How much a count grew: `+12.5%`; empty when it grew from nothing. */
export function growth(before: number, after: number): string {
  const change = percent(after - before, before);
  return after > before && change ? `+${change}` : change;
}

/** A number of things: `1 file`, `338,000 files`. */
export function countOf(count: number, thing: string): string {
  return `${grouped(count)} ${thing}${count === 1 ? '' : 's'}`;
}

const SIZE_UNITS = ['KB', 'MB', 'GB', 'TB'] as const;

/**
 * A size for a person, in the largest unit that leaves at least one of it: `512.0 KB`, `1.5 MB`, `2.1 GB`.
 *
 * @param megabytes of 1,024 × 1,024 bytes, as the pipeline computes them; a long decimal comes as text, because
 *   a number could not hold it
 * @returns an empty text for anything that is not a size
 */
export function sizeText(megabytes: unknown): string {
  const isGiven = typeof megabytes === 'number' || (typeof megabytes === 'string' && megabytes.trim() !== '');
  let size = isGiven ? Number(megabytes) * 1_024 : Number.NaN;
  if (!Number.isFinite(size)) return '';
  let unit = 0;
  // Compared as it will be shown, or there would be 1024.0 KB.
  while (Number(size.toFixed(1)) >= 1_024 && unit < SIZE_UNITS.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  return `${size.toFixed(1)} ${SIZE_UNITS[unit]}`;
}
