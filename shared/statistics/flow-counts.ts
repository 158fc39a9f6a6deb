import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { readItems } from '../projection/counter-items.ts';
import { flowPartition } from '../projection/counter-kind.ts';
import type { CounterItem } from '../projection/counters.ts';
import { type Durations, durationsIn, type TimedStep } from '../projection/durations.ts';
import { type Sizes, sizesIn } from '../projection/sizes.ts';

const CONCURRENT_READS = 16;

/** How long files took, and how large they were, of some dates together. */
export interface FlowCounts {
  readonly durations: Readonly<Record<TimedStep, Durations>>;
  readonly sizes: Sizes;
}

/** What passed through each date, in the order given: one Query of about 3 KB per date, whatever the number of files. */
export function readFlowItems(table: Table, dates: readonly string[]): Promise<CounterItem[][]> {
  return pMap(dates, (date) => readItems(table, flowPartition(date), 'eventual'), {
    concurrency: CONCURRENT_READS,
  });
}

/** Sums up what passed through dates. */
export async function readFlowCounts(table: Table, dates: readonly string[]): Promise<FlowCounts> {
  const items = (await readFlowItems(table, dates)).flat();
  return { durations: durationsIn(items), sizes: sizesIn(items) };
}
