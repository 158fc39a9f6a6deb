import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  oldestReader,
  ratesPerMinute,
  type Sample,
  type Snapshot,
  withSample,
} from '../../runbooks/views/snapshots.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { isoTime } from '../../shared/text/time.ts';
import { countComparer } from './compare-counts.ts';
import { failureText } from './failure-text.ts';
import type { Feed } from './feed.ts';
import type { Schedules } from './schedules.ts';
import type { LocalSettings } from './settings.ts';
import type { LocalSystem } from './system.ts';

/** What is shown. */
export interface Shown {
  readonly settings: LocalSettings;
  readonly system: LocalSystem;
  readonly feed: Feed;
  readonly schedules: Schedules;
  /** Where the functions' logs are. */
  readonly logFolder: string;
}

/** The figures of a summary. */
export interface SummaryState {
  /** What `watch` shows of any deployment. */
  readonly snapshot: Snapshot;
  readonly source: string;
  /** The latest result of each sweep, audit and statistics, by name; none before the first. */
  readonly schedules: readonly (readonly [name: string, result: string])[];
  readonly transitions: number;
  readonly duplicates: number;
  readonly gapsClosed: number;
  readonly late: number;
  readonly deadLetters: number;
  /** How long the oldest record in the stream has been waiting for the consumer. */
  readonly behindSeconds: number;
  /** Faults that the stream recovered from, such as a killed consumer. */
  readonly faults: number;
  /** The latest fault of the stream other than a failed invocation. */
  readonly lastProblem: string | undefined;
  /** Stream records that could not be converted, so that the consumer never got them. */
  readonly leftOut: number;
  /** The keys of the last of them, and why. */
  readonly lastLeftOut: string | undefined;
  /** The result of comparing the counters with a full scan. */
  readonly comparison: string;
}

/** Collects the figures of one summary; rates are those of the last minute, as in `watch`. */
export function summariser({ settings, system, feed, schedules }: Shown): () => Promise<SummaryState> {
  const compareCounts = countComparer(settings, system, feed);
  const readOldest = oldestReader(tablesOf(settings, system));
  let samples: Sample[] = [];
  return async () => {
    const now = Date.now();
    const stats = await getStats(system);
    const progress = system.stream.progress();
    samples = withSample(samples, { at: performance.now(), arrivals: stats.arrivals });
    const snapshot = {
      at: isoTime(now),
      stats,
      rates_per_minute: ratesPerMinute(samples),
      oldest_in_flight: await readOldest(now),
      monitoring: { unavailable: 'local has no CloudWatch' },
      notices: [],
    };
    return {
      snapshot,
      source: feed.describe(),
      schedules: schedules.results(),
      transitions: system.metrics.sum('TransitionsApplied'),
      duplicates: system.metrics.sum('DuplicatesSkipped'),
      gapsClosed: system.metrics.sum('GapsClosed'),
      late: system.metrics.sum('LateEvents'),
      deadLetters: system.metrics.sum('DeadLetters'),
      behindSeconds: progress.behindSeconds,
      faults: progress.retries + progress.problems,
      lastProblem: progress.lastProblem,
      leftOut: progress.leftOut,
      lastLeftOut: progress.lastLeftOut,
      comparison: await compareCounts(stats),
    };
  };
}

async function getStats({ operations }: LocalSystem): Promise<Snapshot['stats']> {
  const { payload, functionError } = await operations.invoke({ operation: 'get_stats', in_flight: true });
  if (functionError) throw new Error(failureText(payload));
  return payload as Snapshot['stats'];
}

function tablesOf({ names, profile }: Shown['settings'], { dynamoDb }: LocalSystem) {
  const docs = DynamoDBDocumentClient.from(dynamoDb);
  return {
    projection: { docs, name: names.projectionTable },
    tracking: trackingTable(docs, names.trackingTable, profile),
  };
}
