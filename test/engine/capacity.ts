import type { Footprint, Touched } from './footprint.ts';

/** Why a request is refused: the place of the item, and the limit that it would exceed. */
export interface Throttle {
  readonly at: number;
  readonly limit: 'key range' | 'table' | 'account';
}

/** What a table may take. Rates are units a second, of writes and of reads. */
export interface CapacityRules {
  readonly range: Rates;
  /** So many seconds of a key range's rate are kept when they are not used. */
  readonly burstSeconds: number;
  /** Of those, how many a key range has when it is first used. */
  readonly savedSeconds: number;
  /** What an on-demand table takes from the beginning. */
  readonly table: Rates;
  /** A table takes double its peak once that is so old. */
  readonly doublesAfterMillis: number;
  readonly account: Rates;
  /** Which items share a key range; those of a partition key where the table was never split for heat. */
  rangeOf(item: Touched): string;
}

interface Rates {
  readonly write: number;
  readonly read: number;
}

/**
 * The documented limits.
 *
 * - A partition takes 3,000 read units and 1,000 write units a second, in either mode:
 *   https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 * - Five minutes of unused capacity are kept; it may be spent at once:
 *   https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html
 * - A new on-demand table takes 4,000 writes and 12,000 reads a second; then up to double its previous peak, and
 *   throttling can occur when that is exceeded within 30 minutes:
 *   https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html
 * - A table of an account takes 40,000 of each, unless a higher quota was asked for:
 *   https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
 * - Splitting for heat divides a partition, by sort key too, as far as single items:
 *   https://aws.amazon.com/blogs/database/part-3-scaling-dynamodb-how-partitions-hot-keys-and-split-for-heat-impact-performance/
 */
export const DOCUMENTED: CapacityRules = {
  range: { write: 1_000, read: 3_000 },
  burstSeconds: 300,
  savedSeconds: 300,
  table: { write: 4_000, read: 12_000 },
  doublesAfterMillis: 30 * 60_000,
  account: { write: 40_000, read: 40_000 },
  rangeOf: ({ partition }) => partition,
};

/**
 * Spends units, as long as there are any. The documents do not tell what becomes of a request that is larger than what
 * is left of its second; here it is let in, and what it takes beyond is owed.
 */
export interface Capacity {
  /** @returns what refuses the request, which then has spent nothing; undefined when it may go on */
  take(footprint: Footprint, now: number): Throttle | undefined;
}

type Direction = keyof Rates;

/** A store of units that fills at a rate. */
interface Bucket {
  level: number;
  filledAt: number;
}

export function createCapacity(rules: CapacityRules): Capacity {
  const buckets = new Map<string, Bucket>();
  const tables = new Map<string, ReturnType<typeof createTraffic>>();

  function bucketOf(range: string, direction: Direction, now: number): Bucket {
    const name = `${direction} ${range}`;
    const rate = rules.range[direction];
    const bucket = buckets.get(name) ?? { level: rate * Math.max(1, rules.savedSeconds), filledAt: now };
    buckets.set(name, bucket);
    const filled = bucket.level + (rate * (now - bucket.filledAt)) / 1_000;
    bucket.level = Math.min(filled, rate * Math.max(1, rules.burstSeconds));
    bucket.filledAt = now;
    return bucket;
  }

  function trafficOf(table: string, direction: Direction) {
    const name = `${direction} ${table}`;
    const traffic = tables.get(name) ?? createTraffic(rules, direction);
    tables.set(name, traffic);
    return traffic;
  }

  return {
    take({ kind, items }, now) {
      const direction = kind === 'transaction' || kind === 'write' ? 'write' : 'read';
      const spent = new Map<Bucket, number>();
      for (const [at, item] of items.entries()) {
        const bucket = bucketOf(rules.rangeOf(item), direction, now);
        if (bucket.level <= 0) return { at, limit: 'key range' };
        spent.set(bucket, (spent.get(bucket) ?? 0) + item.units);
      }
      for (const table of new Set(items.map((item) => item.table))) {
        const first = items.findIndex((item) => item.table === table);
        const units = items.reduce((sum, item) => sum + (item.table === table ? item.units : 0), 0);
        const limit = trafficOf(table, direction).add(units, now);
        if (limit) return { at: first, limit };
      }
      for (const [bucket, units] of spent) bucket.level -= units;
      return undefined;
    },
  };
}

/** What a table has taken in each second, and what it may take in this one. */
function createTraffic({ table, account, doublesAfterMillis }: CapacityRules, direction: Direction) {
  const peaks: { readonly at: number; readonly units: number }[] = [];
  let second = 0;
  let taken = 0;

  function begin(next: number): void {
    const highest = peaks.at(-1)?.units ?? 0;
    if (taken > highest) peaks.push({ at: second * 1_000, units: taken });
    second = next;
    taken = 0;
  }

  return {
    add(units: number, now: number): 'table' | 'account' | undefined {
      const current = Math.floor(now / 1_000);
      if (current !== second) begin(current);
      const old = peaks.findLast(({ at }) => at <= now - doublesAfterMillis)?.units ?? 0;
      if (taken + units > account[direction]) return 'account';
      if (taken + units > Math.max(table[direction], 2 * old)) return 'table';
      taken += units;
      return undefined;
    },
  };
}
