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

/** Sizes are long decimals of megabytes, which come as text where a number could not hold them. */
export function sizeText(megabytes: unknown): string {
  const size =
    typeof megabytes === 'number' || typeof megabytes === 'string' ? Number(megabytes) : Number.NaN;
  if (!Number.isFinite(size)) return '';
  if (size < 0.1) return `${(size * 1_000).toFixed(1)} KB`;
  return size < 1_000 ? `${size.toFixed(1)} MB` : `${(size / 1_000).toFixed(1)} GB`;
}
