import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import { createLogUpdate } from 'log-update';
import { isInFlight, STATUSES } from '../../shared/pipeline/status.ts';
import { errorText } from '../../shared/text/error-text.ts';
import { countComparer, type StatsAnswer } from './compare-counts.ts';
import type { Feed } from './feed.ts';
import type { Schedules } from './schedules.ts';
import type { LocalSettings } from './settings.ts';
import type { LocalSystem } from './system.ts';

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

/** Shows the state of the system until it is stopped: in place on a terminal, otherwise a line now and then. */
export function startDisplay(shown: Shown): { stop(): Promise<void> } {
  const terminal = process.stdout.isTTY === true;
  const update = createLogUpdate(process.stdout);
  process.stdout.write(`${banner(shown)}\n\n`);
  const abort = new AbortController();
  const printNews = newsPrinter();
  const summarise = summariser(shown);
  const running = (async () => {
    while (!abort.signal.aborted) {
      // While one part cannot be reached, the rest goes on, and so does the display.
      const show = await summarise().then(
        (state) => (terminal ? summaryText(state) : summaryLine(state)),
        (error: unknown) => `cannot read the counts: ${errorText(error)}`,
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

/** Prints a line only if it differs from the last one, so that the log of a quiet system stays short. */
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
    `State Manager is running on this machine: open ${url} in a browser.`,
    `Lambda API ${url}, DynamoDB :${port + 1}, S3 :${port + 2}, logs in ${logFolder}`,
    `Try it from another shell (Ctrl-C stops the system):\n${invoke.join(' \\\n')}`,
  ].join('\n');
}

/** Collects the figures of one summary; the flow is measured from the previous one. */
function summariser({ settings, system, feed, schedules }: Shown): () => Promise<SummaryState> {
  const compareCounts = countComparer(settings, system, feed);
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
      lastProblem: progress.lastProblem,
      leftOut: progress.leftOut,
      lastLeftOut: progress.lastLeftOut,
      comparison: await compareCounts(stats),
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

/** The figures of a summary. */
export interface SummaryState {
  readonly stats: StatsAnswer & { readonly lag_seconds: number | null };
  /** Files per minute that settled since the previous summary; undefined at first. */
  readonly settledPerMinute: number | undefined;
  readonly source: string;
  /** The latest results of sweeps, statistics and audits; empty before the first. */
  readonly schedules: string;
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

/** Counts and the consumer's work, as a table for the terminal. */
export function summaryText(state: SummaryState): string {
  const table = new Table({
    head: ['', ...STATUSES, 'total'],
    colAligns: ['left', ...STATUSES.map(() => 'right' as const), 'right'],
    style: { head: [], border: [] },
  });
  table.push(row('files', state.stats), row('manifests', state.stats.manifests));
  return [table.toString(), ...details(state)].join('\n');
}

/** The same on one line, for output that is not a terminal. */
export function summaryLine(state: SummaryState): string {
  const counts = STATUSES.map((status) => `${status}=${state.stats.stats[status] ?? 0}`).join(' ');
  const totals = `files=${state.stats.total} ${counts} manifests=${state.stats.manifests.total}`;
  return [`${totals} ${consumerWork(state)}`, state.comparison, ...problems(state)].join(' | ');
}

function row(name: string, { stats, total }: Pick<StatsAnswer, 'stats' | 'total'>): string[] {
  return [name, ...STATUSES.map((status) => grouped(stats[status] ?? 0)), grouped(total)];
}

function details(state: SummaryState): string[] {
  const inFlight = STATUSES.filter(isInFlight).reduce((sum, name) => sum + (state.stats.stats[name] ?? 0), 0);
  const flow =
    state.settledPerMinute === undefined ? '' : ` · ${grouped(state.settledPerMinute)} settled/min`;
  return [
    `${state.source} · ${grouped(inFlight)} in flight${flow}`,
    `stream: ${consumerWork(state)}`,
    `schedules: ${state.schedules || 'nothing yet'}`,
    `exact: ${state.comparison}`,
    ...problems(state),
  ];
}

function problems({ lastProblem, leftOut, lastLeftOut }: SummaryState): string[] {
  const records = leftOut === 1 ? '1 stream record' : `${grouped(leftOut)} stream records`;
  return [
    ...(lastProblem === undefined ? [] : [`last fault: ${lastProblem}`]),
    ...(leftOut === 0
      ? []
      : [`left out: ${records} could not be read, and the counts lack them; the last: ${lastLeftOut}`]),
  ];
}

function consumerWork(state: SummaryState): string {
  const numbers = {
    transitions: state.transitions,
    duplicates: state.duplicates,
    gaps_closed: state.gapsClosed,
    late: state.late,
    dead_letters: state.deadLetters,
    ...(state.faults > 0 && { faults_survived: state.faults }),
  };
  const shown = Object.entries(numbers).map(([name, value]) => `${name}=${value}`);
  return [...shown, `behind=${state.behindSeconds.toFixed(0)}s`].join(' ');
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
