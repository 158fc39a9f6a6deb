import { Unreadable } from './unreadable.ts';

/**
 * Counts the values of Parquet's run-length and bit-packed hybrid, without making an array of them: a run of a million
 * equal values is one addition. https://parquet.apache.org/docs/file-format/data-pages/encodings/
 *
 * @param bytes the runs; what follows the last of them is ignored
 * @param width bits of a value
 * @param values how many values there are; the last bit-packed group is filled up with others
 * @param counts how often each value was met so far; added to
 * @throws Unreadable when the runs end too early, or hold a value that `counts` has no place for
 */
export function countRuns(bytes: Uint8Array, width: number, values: number, counts: Float64Array): void {
  if (width > MOST_WIDTH) throw new Unreadable('unsupported', `Its dictionary needs ${width} bits.`);
  // A writer may leave out all runs of values that take no bits.
  if (width === 0) add(counts, 0, values);
  let at = 0;
  let left = width === 0 ? 0 : values;
  while (left > 0) {
    let header = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 28) throw new Unreadable('corrupt', 'A page has too few values.');
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const length = Math.floor(header / 2);
    if (header % 2 === 1) {
      const count = Math.min(left, length * 8);
      countPacked(bytes, at, width, count, counts);
      at += length * width;
      left -= count;
    } else {
      let value = 0;
      const size = (width + 7) >> 3;
      for (let i = 0; i < size; i++) value += (bytes[at++] ?? 0) * 2 ** (8 * i);
      const count = Math.min(left, length);
      add(counts, value, count);
      left -= count;
    }
  }
}

// With the seven bits that may be left over from the byte before, this still fits a whole number of 32 bits.
const MOST_WIDTH = 24;

function countPacked(bytes: Uint8Array, from: number, width: number, count: number, counts: Float64Array) {
  if (from + Math.ceil((count * width) / 8) > bytes.length) {
    throw new Unreadable('corrupt', 'A page has too few values.');
  }
  const mask = 2 ** width - 1;
  let at = from;
  let bits = 0;
  let have = 0;
  for (let i = 0; i < count; i++) {
    while (have < width) {
      bits |= (bytes[at++] ?? 0) << have;
      have += 8;
    }
    add(counts, bits & mask, 1);
    bits >>>= width;
    have -= width;
  }
}

function add(counts: Float64Array, value: number, count: number): void {
  const before = counts[value];
  if (before === undefined) throw new Unreadable('corrupt', `Its dictionary has no value ${value}.`);
  counts[value] = before + count;
}
