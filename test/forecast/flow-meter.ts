import { IN_FLIGHT_STATUSES, parseStatus, SETTLED_STATUSES } from '../../shared/pipeline/status.ts';
import type { AgeBucket } from '../../shared/projection/ages.ts';
import type { FlowSample } from '../../shared/projection/flow-samples.ts';

const HOUR = 3_600_000;

/** Whether a record is about a file, not about a manifest or a lock. */
export function isFileKey(key: string): boolean {
  return !/^(MANIFEST|LOCK)/.test(key);
}

/** Counts transitions of files as the projection does, when they are written. @param now milliseconds since the epoch */
export function createFlowMeter(now: () => number) {
  const counts = { inFlight: 0, arrived: 0, settled: 0 };
  const entered = new Map<string, number>();
  const nameOf = (stored: string | undefined) =>
    stored === undefined ? undefined : parseStatus(stored).status;
  const isOne = (statuses: readonly string[], status: string | undefined) =>
    status !== undefined && statuses.includes(status);
  return {
    onStatus(id: string, storedBefore: string | undefined, storedAfter: string | undefined) {
      const [before, after] = [nameOf(storedBefore), nameOf(storedAfter)];
      if (before === after) return;
      entered.delete(id);
      if (isOne(IN_FLIGHT_STATUSES, after)) entered.set(id, Math.floor(now() / HOUR) * HOUR);
      counts.inFlight = entered.size;
      if (after === 'pending') counts.arrived += 1;
      if (isOne(SETTLED_STATUSES, after)) counts.settled += 1;
    },
    sampleAt: (at: number): FlowSample => ({ at, ...counts }),
    ages(): AgeBucket[] {
      const ages = new Map<number, number>();
      for (const from of entered.values()) ages.set(from, (ages.get(from) ?? 0) + 1);
      return [...ages].map(([from, count]) => ({ from, count }));
    },
  };
}
