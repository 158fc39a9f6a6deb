/** The accepted probability that a statement about all files is wrong. */
const DOUBT = 0.05;

/**
 * The largest share of all files that may be short, with 95 % confidence, given the number of short files in a random
 * sample: the upper bound of Clopper and Pearson. For none of `files` it is about `3 / files`.
 *
 * @returns between 0 and 1; 1 for an empty sample
 */
export function mostShort(short: number, files: number): number {
  if (files === 0 || short >= files) return 1;
  let low = short / files;
  let high = 1;
  for (let round = 0; round < 50; round++) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(short, files, middle) > DOUBT) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability that a sample has at most this many short files, if this share of all files is short. */
function chanceOfAtMost(short: number, files: number, share: number): number {
  let logTerm = files * Math.log1p(-share);
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= short; k++) {
    logTerm += Math.log((files - k + 1) / k) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(logTerm);
  }
  return sum;
}
