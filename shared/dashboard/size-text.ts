/** Sizes are long decimals of megabytes, which come as text where a number could not hold them. */
export function sizeText(megabytes: unknown): string {
  const size =
    typeof megabytes === 'number' || typeof megabytes === 'string' ? Number(megabytes) : Number.NaN;
  if (!Number.isFinite(size)) return '';
  return size < 0.1 ? `${(size * 1_000).toFixed(1)} KB` : `${size.toFixed(1)} MB`;
}
