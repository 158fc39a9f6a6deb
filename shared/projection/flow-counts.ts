import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { readItems } from './counter-items.ts';
import { flowPartition } from './counter-kind.ts';
import { type Durations, durationsIn, type TimedStep } from './durations.ts';
import { type Sizes, sizesIn } from './sizes.ts';

const CONCURRENT_READS = 16;

/** How long files took, and how large they were, of some dates together. */
export interface FlowCounts {
  readonly durations: Readonly<Record<TimedStep, Durations>>;
  readonly sizes: Sizes;
}

/** Sums up what passed through dates: one Query of about 3 KB per date, whatever the number of files. */
export async function readFlowCounts(table: Table, dates: readonly string[]): Promise<FlowCounts> {
  const items = await pMap(dates, (date) => readItems(table, flowPartition(date), 'eventual'), {
    concurrency: CONCURRENT_READS,
  });
  return { durations: durationsIn(items.flat()), sizes: sizesIn(items.flat()) };
}
