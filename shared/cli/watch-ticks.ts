import { setTimeout as sleep } from 'node:timers/promises';
import { cloudWatch } from '../aws/monitoring.ts';
import { type OldestFile, oldestInFlight } from '../files/oldest-in-flight.ts';
import { isoTime } from '../files/time.ts';
import { getStats } from '../operations/get-stats.ts';
import type { OperationContext } from '../operations/operation.ts';
import { readCounters } from '../projection/projection-table.ts';
import { ask } from './ask.ts';
import { type MonitoringAnswer, monitoringOf } from './monitoring-answer.ts';
import { type Rates, ratesPerMinute, type Sample, withSample } from './rates.ts';
import type { Stats } from './stats-view.ts';
import type { Target } from './target.ts';

/** How everything stands at one moment. */
export interface Tick {
  /** `…Z`. */
  readonly at: string;
  readonly stats: Stats;
  readonly rates_per_minute: Rates | undefined;
  readonly oldest_in_flight: readonly OldestFile[];
  readonly monitoring: MonitoringAnswer;
}

/** When to look. */
export interface WatchPlan {
  readonly intervalMillis: number;
  /** Undefined: without end. */
  readonly count: number | undefined;
  readonly stop: AbortSignal;
}

const OLDEST_EVERY_MILLIS = 5_000;
const MONITORING_EVERY_MILLIS = 60_000;

/** Looks again and again; what is dear to read, or changes slowly, is read less often than the counts. */
export async function* watchTicks(
  service: OperationContext,
  target: Target,
  { intervalMillis, count, stop }: WatchPlan,
): AsyncGenerator<Tick, void> {
  const readOldest = everyMillis(OLDEST_EVERY_MILLIS, async () => {
    const { suffixes } = await readCounters(service.projection, undefined);
    return oldestInFlight(service.tracking, suffixes);
  });
  const monitoring = everyMillis(MONITORING_EVERY_MILLIS, monitoringOf(target, cloudWatch));
  let samples: Sample[] = [];
  for (let tick = 1; !stop.aborted; tick++) {
    const now = Date.now();
    const stats = await ask(service, getStats, {});
    samples = withSample(samples, { at: performance.now(), arrivals: stats.arrivals });
    yield {
      at: isoTime(now),
      stats,
      rates_per_minute: ratesPerMinute(samples),
      oldest_in_flight: await readOldest(now),
      monitoring: await monitoring(now),
    };
    if (tick === count) return;
    await sleep(intervalMillis, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** Reads anew only when what it has is older than that. */
function everyMillis<T>(millis: number, read: (now: number) => Promise<T>): (now: number) => Promise<T> {
  let last: { readonly at: number; readonly value: T } | undefined;
  return async (now) => {
    if (!last || now - last.at >= millis) last = { at: now, value: await read(now) };
    return last.value;
  };
}
