import type { Writer } from '../../shared/projection/writer.ts';

/**
 * A writer as in older versions, whose consumers have no slot of their own: it takes any of four, for 25 heads.
 *
 * @param random evenly distributed in [0, 1)
 */
export function formerWriter(random: () => number): Writer {
  return {
    slot: () => Math.floor(random() * 4),
    heads: () => 25,
    committed: () => undefined,
    metOnCounters: () => undefined,
    metClosed: () => undefined,
    conditionFailed: () => undefined,
  };
}
