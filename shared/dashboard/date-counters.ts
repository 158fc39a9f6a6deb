import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';
import { type CounterItem, type Counters, sumCounters } from '../projection/counters.ts';
import { counterKey, counterPartition, SLOTS } from '../projection/items.ts';

/** The counters of one date. */
export interface DateCounters {
  readonly date: string;
  readonly counters: Counters;
}

// A request takes 100 keys.
export const MOST_DATES = Math.floor(100 / SLOTS);

/**
 * The counters of several dates, in the order given, in one request: half a read unit for each of their few
 * items. They may lack what was written a moment ago.
 *
 * @param dates at most `MOST_DATES`, each once
 */
export async function readDateCounters(table: Table, dates: readonly string[]): Promise<DateCounters[]> {
  const items: CounterItem[] = [];
  let wanted: Record<string, unknown>[] = dates.flatMap(slotKeys);
  while (wanted.length > 0) {
    const { Responses, UnprocessedKeys } = await table.docs.send(
      new BatchGetCommand({ RequestItems: { [table.name]: { Keys: wanted } } }),
    );
    items.push(...((Responses?.[table.name] ?? []) as CounterItem[]));
    wanted = UnprocessedKeys?.[table.name]?.Keys ?? [];
  }
  return dates.map((date) => ({
    date,
    counters: sumCounters(items.filter(({ pk }) => pk === counterPartition(date))),
  }));
}

function slotKeys(date: string): Record<string, unknown>[] {
  return Array.from({ length: SLOTS }, (_, slot) => ({ ...counterKey(date, slot) }));
}
