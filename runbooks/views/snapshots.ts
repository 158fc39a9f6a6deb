import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { Monitoring } from '../../shared/aws/monitoring.ts';
import { ask } from '../../shared/cli/ask.ts';
import type { RunContext } from '../../shared/cli/command.ts';
import type { Target } from '../../shared/cli/target.ts';
import { getStats } from '../../shared/operations/get-stats.ts';
import type { Notice } from '../../shared/outlet/notice.ts';
import { readSent } from '../../shared/outlet/outlet-items.ts';
import { STATUSES, type Status } from '../../shared/pipeline/status.ts';
import { readSuffixes } from '../../shared/projection/counter-items.ts';
import { type OldestFile, oldestInFlight } from '../../shared/statistics/oldest-in-flight.ts';
import { namedErrorText } from '../../shared/text/error-text.ts';
import { isoTime } from '../../shared/text/time.ts';
import type { Stats } from './stats-view.ts';

/** How everything stands at one moment. */
export interface Snapshot {
  /** `…Z`. */
  readonly at: string;
  readonly stats: Stats;
  readonly rates_per_minute: Rates | undefined;
  readonly oldest_in_flight: readonly OldestFile[];
  readonly monitoring: MonitoringAnswer;
  /** The last notices, newest first; none where there is no outlet. */
  readonly notices: readonly Notice[];
}

/** When to take them. */
export interface SnapshotTimes {
  readonly intervalMillis: number;
  /** Undefined: without end. */
  readonly count: number | undefined;
  readonly stop: AbortSignal;
}

const OLDEST_EVERY_MILLIS = 5_000;
const NOTICES = 3;
const MONITORING_EVERY_MILLIS = 60_000;

/**
 * Takes one snapshot after another. What is expensive to read, or changes slowly, is read less often than the
 * counts.
 */
export async function* takeSnapshots(
  { deps, target, variables }: Pick<RunContext, 'deps' | 'target' | 'variables'>,
  { intervalMillis, count, stop }: SnapshotTimes,
): AsyncGenerator<Snapshot, void> {
  const readOldest = oldestReader(deps);
  const readNotices = everyMillis(OLDEST_EVERY_MILLIS, () => readSent(deps.projection, NOTICES));
  const monitoring = everyMillis(
    MONITORING_EVERY_MILLIS,
    monitoringOf(target, async () => (await loadMonitoring()).cloudWatch(variables)),
  );
  let samples: Sample[] = [];
  for (let taken = 1; !stop.aborted; taken++) {
    const now = Date.now();
    const stats = await ask(deps, getStats, { in_flight: true });
    samples = withSample(samples, { at: performance.now(), arrivals: stats.arrivals });
    yield {
      at: isoTime(now),
      stats,
      rates_per_minute: ratesPerMinute(samples),
      oldest_in_flight: await readOldest(now),
      monitoring: await monitoring(now),
      notices: await readNotices(now),
    };
    if (taken === count) return;
    await sleep(intervalMillis, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** The oldest file of each status, read less often than it is shown. */
export function oldestReader(
  deps: Pick<RunContext['deps'], 'tracking' | 'projection'>,
): (now: number) => Promise<OldestFile[]> {
  return everyMillis(OLDEST_EVERY_MILLIS, async (now) => {
    const suffixes = await readSuffixes(deps.projection);
    return oldestInFlight({ ...deps, now }, suffixes);
  });
}

/** Reads again only when what it has is older than that. */
function everyMillis<T>(millis: number, read: (now: number) => Promise<T>): (now: number) => Promise<T> {
  let last: { readonly at: number; readonly value: T } | undefined;
  return async (now) => {
    if (!last || now - last.at >= millis) last = { at: now, value: await read(now) };
    return last.value;
  };
}

/** How often each status had been reached at one moment. */
export interface Sample {
  /** Milliseconds. */
  readonly at: number;
  readonly arrivals: Readonly<Record<Status, number>>;
}

export type Rates = Readonly<Record<Status, number>>;

const WINDOW_MILLIS = 60_000;

/** The samples that the next rate is measured over: those of the last minute. */
export function withSample(samples: readonly Sample[], sample: Sample): Sample[] {
  return [...samples.filter(({ at }) => sample.at - at <= WINDOW_MILLIS), sample];
}

/** Arrivals per minute in each status, from the first sample to the last; undefined until there are two. */
export function ratesPerMinute(samples: readonly Sample[]): Rates | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (!first || !last || last.at <= first.at) return undefined;
  const minutes = (last.at - first.at) / 60_000;
  const rate = (status: Status) => (last.arrivals[status] - first.arrivals[status]) / minutes;
  return Object.fromEntries(STATUSES.map((status) => [status, rate(status)])) as Record<Status, number>;
}

/** What CloudWatch says, or why it says nothing. */
export type MonitoringAnswer = Monitoring | { readonly unavailable: string };

/**
 * Reads what CloudWatch says of a target. It never fails: watching continues without it, and shows why.
 *
 * @param connect makes a client, where there is an account
 */
export function monitoringOf(
  { environment, endpoint, names }: Pick<Target, 'environment' | 'endpoint' | 'names'>,
  connect: () => CloudWatchClient | Promise<CloudWatchClient>,
): (now: number) => Promise<MonitoringAnswer> {
  if (endpoint !== undefined) {
    return () => Promise.resolve({ unavailable: `${environment} has no CloudWatch` });
  }
  let client: CloudWatchClient | undefined;
  return async (now) => {
    try {
      client ??= await connect();
      const { readMonitoring } = await loadMonitoring();
      return await readMonitoring(client, names, now);
    } catch (error) {
      return { unavailable: namedErrorText(error) };
    }
  };
}

/** Loads its client, which is not needed to watch this machine. */
function loadMonitoring() {
  return import('../../shared/aws/monitoring.ts');
}
