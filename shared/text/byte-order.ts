/**
 * Compares two texts by their UTF-8 bytes, which is how S3 and DynamoDB order keys. JavaScript's `<` compares
 * UTF-16 units instead, and puts characters beyond the BMP before some within it.
 */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const unitA = a.charCodeAt(i);
    const unitB = b.charCodeAt(i);
    if (unitA !== unitB) return rankOf(unitA) - rankOf(unitB);
  }
  return a.length - b.length;
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

/** A surrogate is half of a character beyond the BMP, whose bytes are above those of any within it. */
function rankOf(unit: number): number {
  return unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE ? unit + 0x10000 : unit;
}
