import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createLogUpdate } from 'log-update';
import { isInFlight, STATUSES } from '../../shared/pipeline/status.ts';
import type { Feed } from './feed.ts';
import type { Schedules } from './schedules.ts';
import type { LocalSettings } from './settings.ts';
import { type SummaryState, summaryLine, summaryText } from './summary.ts';
import type { LocalSystem } from './system.ts';
import { differences, type StatsAnswer, scanCounts } from './verification.ts';

const TERMINAL_REFRESH_MILLIS = 1_000;
const LINE_REFRESH_MILLIS = 5_000;

type Stats = SummaryState['stats'] & { readonly arrivals: Readonly<Record<string, number>> };

/** What is shown. */
export interface Shown {
  readonly settings: LocalSettings;
  readonly system: LocalSystem;
  readonly feed: Feed;
  readonly schedules: Schedules;
  /** Where the functions' logs are. */
  readonly logFolder: string;
}

/** Shows what goes on until it is stopped: in place on a terminal, else a line now and then. */
export function startDisplay(shown: Shown): { stop(): Promise<void> } {
  const terminal = process.stdout.isTTY === true;
  const update = createLogUpdate(process.stdout);
  process.stdout.write(`${banner(shown)}\n\n`);
  const abort = new AbortController();
  const printNews = newsPrinter();
  const summarise = summariser(shown);
  const running = (async () => {
    while (!abort.signal.aborted) {
      // A part that is gone for a while is shown as that: the rest goes on, and so does the display.
      const show = await summarise().then(
        (state) => (terminal ? summaryText(state) : summaryLine(state)),
        (error: unknown) => `cannot read the counts: ${error instanceof Error ? error.message : error}`,
      );
      if (terminal) update(show);
      else printNews(show);
      const pause = terminal ? TERMINAL_REFRESH_MILLIS : LINE_REFRESH_MILLIS;
      await sleep(pause, undefined, { signal: abort.signal }).catch(() => undefined);
    }
    update.done();
  })();
  return {
    stop: async () => {
      abort.abort();
      await running;
    },
  };
}

/** A log of a quiet system stays short. */
function newsPrinter(): (line: string) => void {
  let before = '';
  return (line) => {
    if (line !== before) process.stdout.write(`${line}\n`);
    before = line;
  };
}

function banner({ settings: { port, names }, system: { url }, logFolder }: Shown): string {
  const invoke = [
    'AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws lambda invoke --region us-east-1',
    `  --endpoint-url ${url} --function-name ${names.operationsFunction}`,
    `  --payload '{"operation":"get_stats"}' out.json   (CLI v2: --cli-binary-format raw-in-base64-out)`,
  ];
  return [
    `State Manager on this machine: open ${url} in a browser.`,
    `Lambda API ${url}, DynamoDB :${port + 1}, S3 :${port + 2}, logs in ${logFolder}`,
    `Ask it from another shell (Ctrl-C ends it):\n${invoke.join(' \\\n')}`,
  ].join('\n');
}

/** Gathers one summary at a time; flow is measured from one to the next. */
function summariser({ settings, system, feed, schedules }: Shown): () => Promise<SummaryState> {
  const verify = verifier(settings, system, feed);
  let before: { settled: number; at: number } | undefined;
  return async () => {
    const stats = await getStats(system);
    const progress = system.stream.progress();
    const settled = sumSettled(stats.arrivals);
    const at = performance.now();
    const settledPerMinute = before && ((settled - before.settled) * 60_000) / (at - before.at);
    before = { settled, at };
    return {
      stats,
      settledPerMinute,
      source: feed.describe(),
      schedules: schedules.describe(),
      transitions: system.metrics.sum('TransitionsApplied'),
      duplicates: system.metrics.sum('DuplicatesSkipped'),
      gapsClosed: system.metrics.sum('GapsClosed'),
      late: system.metrics.sum('LateEvents'),
      deadLetters: system.metrics.sum('DeadLetters'),
      behindSeconds: progress.behindSeconds,
      faults: progress.retries + progress.problems,
      verified: await verify(stats),
    };
  };
}

async function getStats({ operations }: LocalSystem): Promise<Stats> {
  const { payload, functionError } = await operations.invoke({ operation: 'get_stats' });
  if (functionError) throw new Error(`get_stats failed: ${JSON.stringify(payload)}`);
  return payload as Stats;
}

function sumSettled(arrivals: Stats['arrivals']): number {
  const settled = STATUSES.filter((status) => !isInFlight(status));
  return settled.reduce((sum, status) => sum + (arrivals[status] ?? 0), 0);
}

/**
 * Compares the counters with a full scan as soon as the writers pause, and again whenever the counts have
 * changed since: while files move, two readings a moment apart cannot be equal.
 */
function verifier(
  settings: LocalSettings,
  { dynamoDb, stream }: LocalSystem,
  feed: Feed,
): (stats: StatsAnswer) => Promise<string> {
  const docs = DynamoDBDocumentClient.from(dynamoDb);
  let verified: { total: string; verdict: string } | undefined;
  return async (stats) => {
    const total = JSON.stringify([stats.stats, stats.manifests.stats]);
    if (verified?.total === total) return verified.verdict;
    if (!feed.finished() || stream.progress().behindSeconds > 0) {
      return 'compared with a full scan when the writers pause';
    }
    const found = differences(stats, await scanCounts(docs, settings.names.trackingTable));
    const records = stats.total + stats.manifests.total;
    if (found.length > 0) return `still catching up (${found.join('; ')})`;
    verified = { total, verdict: `counters equal a full scan of ${records} records` };
    return verified.verdict;
  };
}
