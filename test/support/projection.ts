import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { ConsumeContext } from '../../shared/projection/consume.ts';
import { type CounterItem, type Counters, sumCounters } from '../../shared/projection/counters.ts';
import { type Head, liveStatus } from '../../shared/projection/head.ts';
import { type HeadItem, type PageItem, readEvent, readHeadItem } from '../../shared/projection/items.ts';
import { mergeEvents } from '../../shared/projection/timeline.ts';
import type { TimelineEvent } from '../../shared/projection/transition.ts';
import type { LocalAws } from './local-aws.ts';

/** A context for applying folds that holds the clock still and never runs out of time. */
export function applyContext(aws: LocalAws, overrides: Partial<ConsumeContext> = {}): ConsumeContext {
  return {
    table: { docs: aws.documents, name: aws.projectionTable },
    now: Date.parse('2026-11-23T06:00:00Z'),
    random: Math.random,
    sleep: () => Promise.resolve(),
    remainingMillis: () => 60_000,
    registeredDates: new Set(),
    ...overrides,
  };
}

/** Everything the projection table holds, read by a scan that shares no code with the reads under test. */
export async function scanProjection(aws: LocalAws) {
  const heads = new Map<string, Head>();
  const pages = new Map<string, TimelineEvent[]>();
  const counters = new Map<string, CounterItem[]>();
  const scan = paginateScan({ client: aws.documents }, { TableName: aws.projectionTable });
  for await (const { Items = [] } of scan) {
    for (const item of Items) {
      const pk = item.pk as string;
      if (pk.startsWith('STATS#')) counters.set(pk, [...(counters.get(pk) ?? []), item]);
      else if (pk.startsWith('PAGE#'))
        pages.set(pk, [...(pages.get(pk) ?? []), ...eventsOf(item as PageItem)]);
      else if (/^(FILE|MANIFEST)#/.test(pk)) {
        const head = readHeadItem(item as HeadItem);
        heads.set(`${head.datePrefix}/${head.fileKey}`, head);
      }
    }
  }
  return {
    heads,
    head: (fileKey: string, datePrefix = '2026-11-23') => heads.get(`${datePrefix}/${fileKey}`),
    counters: (pk: string): Counters => sumCounters(counters.get(pk) ?? []),
    events: (fileKey: string, datePrefix = '2026-11-23'): TimelineEvent[] =>
      mergeEvents(heads.get(`${datePrefix}/${fileKey}`), pages.get(`PAGE#${datePrefix}#${fileKey}`) ?? []),
    /** How many live heads each status has, by entity. */
    countHeads: (): Record<string, number> => {
      const count: Record<string, number> = {};
      for (const head of heads.values()) {
        const status = liveStatus(head);
        if (status === undefined) continue;
        const name = `${head.entity}_${status}`;
        count[name] = (count[name] ?? 0) + 1;
      }
      return count;
    },
  };
}

function eventsOf({ events = [] }: PageItem): TimelineEvent[] {
  return events.map(readEvent);
}
