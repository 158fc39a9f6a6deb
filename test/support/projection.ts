import { paginateScan } from '@aws-sdk/lib-dynamodb';
import type { ConsumeDeps } from '../../shared/projection/consume.ts';
import {
  type CountDelta,
  type CounterItem,
  type Counters,
  sumCounters,
} from '../../shared/projection/counters.ts';
import { type Head, liveStatus } from '../../shared/projection/head.ts';
import { type HeadItem, type PageItem, readEvent, readHeadItem } from '../../shared/projection/items.ts';
import type { CounterDrift } from '../../shared/projection/recount.ts';
import { nothingSeen } from '../../shared/projection/seen.ts';
import { mergeEvents } from '../../shared/projection/timeline.ts';
import type { TimelineEvent } from '../../shared/projection/transition.ts';
import { usualSuffixesOf } from '../../shared/settings/index-profile.ts';
import type { LocalAws } from './local-aws.ts';
import { FIELD_PROFILE } from './profile.ts';

/** Dependencies for applying folds, with a clock that stands still and time that never runs out. */
export function applyDeps(aws: LocalAws, overrides: Partial<ConsumeDeps> = {}): ConsumeDeps {
  return {
    projection: { docs: aws.documents, name: aws.projectionTable },
    now: Date.parse('2026-11-23T06:00:00Z'),
    random: Math.random,
    sleep: () => Promise.resolve(),
    remainingMillis: () => 60_000,
    seen: nothingSeen(undefined),
    usualSuffixes: usualSuffixesOf(FIELD_PROFILE),
    ...overrides,
  };
}

/** The result of a recount that came to a conclusion. */
export function known({ quiet, missing }: CounterDrift): CountDelta | 'not known' {
  return quiet ? missing : 'not known';
}

/** The contents of the projection table, read by a scan that shares no code with the reads under test. */
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
        heads.set(`${head.date_prefix}/${head.file_key}`, head);
      }
    }
  }
  return {
    heads,
    head: (file_key: string, date_prefix = '2026-11-23') => heads.get(`${date_prefix}/${file_key}`),
    counters: (pk: string): Counters => sumCounters(counters.get(pk) ?? []),
    /** How many files are in each class, according to their heads; files without a class are left out. */
    classes: (pk: string): Record<string, number> => {
      const sums: Record<string, number> = {};
      for (const { sk, ...item } of counters.get(pk) ?? []) {
        const id = /^~(.+)#\d+$/.exec(String(sk))?.[1];
        for (const letter of id === undefined ? [] : ['f', 'q']) {
          const place = `${letter}${id}`;
          sums[place] = (sums[place] ?? 0) + Number(item[letter] ?? 0);
        }
      }
      return Object.fromEntries(Object.entries(sums).filter(([, count]) => count !== 0));
    },
    events: (file_key: string, date_prefix = '2026-11-23'): TimelineEvent[] =>
      mergeEvents(
        heads.get(`${date_prefix}/${file_key}`),
        pages.get(`PAGE#${date_prefix}#${file_key}`) ?? [],
      ),
    /** How many heads that are not tombstones have each status, by entity. */
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
