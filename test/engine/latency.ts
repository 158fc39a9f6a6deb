import type { Footprint } from './footprint.ts';

/**
 * How long requests take, in milliseconds. AWS promises single-digit milliseconds for one item and publishes no
 * distribution, so this is **assumed**: a transaction takes 12 ms and 0.3 ms for each item, any other request 4 ms, and
 * each 40 % more or less.
 *
 * @param random evenly distributed in [0, 1)
 */
export function assumedLatency(random: () => number): (footprint: Footprint) => number {
  return ({ kind, items }) => {
    const typical = kind.startsWith('transaction') ? 12 + 0.3 * items.length : 4;
    return typical * (0.6 + 0.8 * random());
  };
}
