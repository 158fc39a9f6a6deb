import { readFileSync } from 'node:fs';
import { MEASURED } from '../../infra/costs.ts';
import { environmentSettings } from '../../infra/settings.ts';
import { shownNumber } from '../bench/numbers.ts';
import { type LimitName, LOADS, type Outcome, simulateDay } from './scenarios.ts';
import { type Simulated, simulate } from './simulate.ts';

export const VOLUMES = [1e5, 1e6, 1e7, 1e8, 1e9];

/** Results of the real code with consumers that always have a batch ready: the benchmark's section `contention`. */
export interface Contention {
  readonly consumers: number;
  readonly seconds: number;
  readonly transitionsPerSecond: number;
  readonly cancelledPercent: number;
  readonly p99: number;
}

export const MEASURED_CONTENTION = new URL('contention.json', import.meta.url);

/** Simulates each load for one number of files. */
export async function simulateVolume(filesPerDay: number): Promise<Outcome[]> {
  const { stream } = environmentSettings('prod', {});
  const outcomes: Outcome[] = [];
  for (const load of LOADS) {
    const { windowSeconds } = stream;
    outcomes.push(await simulateDay(filesPerDay, load, { units: MEASURED, windowSeconds }));
  }
  return outcomes;
}

export const OUTCOME_HEAD = [
  'files a day',
  'load',
  'shards',
  'lag, p99',
  'before a split',
  'cancelled',
  'throttled before a split',
  '$ per million transitions',
  'fullest limit',
];

export function outcomeCells(outcome: Outcome): string[] {
  const { filesPerDay, load, shards, split, unsplit, dollarsPerMillion, catchUpHours } = outcome;
  const [name, share] = fullest(outcome);
  return [
    shownNumber(filesPerDay),
    load,
    shownNumber(shards),
    lagText(split, catchUpHours),
    lagText(unsplit, catchUpHours === undefined ? undefined : slower(outcome, catchUpHours)),
    percent(split.cancelled / split.sent),
    percent(unsplit.throttled / unsplit.sent),
    dollarsPerMillion.toFixed(2),
    `${name}: ${percent(share)}`,
  ];
}

/** "grows" if a consumer has more work than time, so that it falls further and further behind. */
function lagText({ busy, lagSeconds }: Simulated, catchUpHours: number | undefined): string {
  if (catchUpHours === undefined) return busy >= 1 ? 'grows' : `${lagSeconds.toFixed(1)} s`;
  return catchUpHours > 0 ? `caught up in ${catchUpHours.toFixed(1)} h` : 'grows';
}

/** How many hours catching up takes at the rate of the table before a split. */
function slower({ split, unsplit }: Outcome, hours: number): number {
  const rate = ({ transitions, elapsedSeconds }: Simulated) => transitions / elapsedSeconds;
  const arriving = rate(split) / (1 + OUTAGE_HOURS / hours);
  return (OUTAGE_HOURS * arriving) / (rate(unsplit) - arriving);
}

const OUTAGE_HOURS = 12;

function fullest({ used }: Outcome): [LimitName, number] {
  const limits = Object.entries(used) as [LimitName, number][];
  return limits.reduce((a, b) => (b[1] > a[1] ? b : a));
}

export const LIMIT_HEAD = ['limit', 'reached at files a day', 'with peaks of five times'];

/**
 * The number of files at which each limit is reached, the first one first. It is extrapolated from the largest volume
 * whose peak has few cancelled transactions, because these are sent twice.
 */
export function limitRows(outcomes: readonly Outcome[]): string[][] {
  const of = (load: Outcome['load']) => outcomes.filter((outcome) => outcome.load === load);
  const peaks = of('peak of five times');
  const peak = peaks.findLast(({ split }) => split.cancelled / split.sent < FEW_CANCELLED) ?? peaks[0];
  const even = of('even').find(({ filesPerDay }) => filesPerDay === peak?.filesPerDay);
  if (!even || !peak) return [];
  const rows = GROWING.map((name) => ({
    name,
    even: even.filesPerDay / even.used[name],
    peak: peak.filesPerDay / peak.used[name],
  }));
  const million = (files: number) => `${shownNumber(files / 1e6)} million`;
  return rows.sort((a, b) => a.peak - b.peak).map((row) => [row.name, million(row.even), million(row.peak)]);
}

const FEW_CANCELLED = 0.05;

const GROWING: readonly LimitName[] = [
  'heads of a date: eight partition keys',
  'counters of everything: one partition key',
  'counters of everything: an item for each consumer',
  'projection table: quota',
  'tracking table: quota',
  'status index: ten keys of pending',
  'Lambda: concurrency',
];

export const CONTENTION_HEAD = [
  'consumers',
  'transitions/s, real code',
  'simulated',
  'off by',
  'cancelled, real code',
  'simulated',
  'p99 of a batch, real code',
  'simulated',
];

export async function contentionRows(): Promise<string[][]> {
  const measured: Contention[] = JSON.parse(readFileSync(MEASURED_CONTENTION, 'utf8'));
  return Promise.all(measured.map(async (rush) => contentionCells(rush, await simulateRush(rush))));
}

/** Simulates what the benchmark does: all consumers start at once in one slot, and only requests take time. */
export function simulateRush({ consumers, seconds }: Pick<Contention, 'consumers' | 'seconds'>) {
  return simulate({
    ...{ shards: consumers, headsPerBatch: 200, transitionsPerBatch: 200, fillSeconds: 0 },
    ...{ millisPerBatch: 0, millisPerHead: 0, ranges: 'endless', warmUpSeconds: 0, seconds, seed: 1 },
  });
}

function contentionCells(rush: Contention, run: Simulated): string[] {
  const rate = run.transitions / rush.seconds;
  return [
    shownNumber(rush.consumers),
    shownNumber(rush.transitionsPerSecond),
    shownNumber(rate),
    percent(Math.abs(rate / rush.transitionsPerSecond - 1)),
    percent(rush.cancelledPercent / 100),
    percent(run.cancelled / run.sent),
    `${Math.round(rush.p99)} ms`,
    `${Math.round(run.p99)} ms`,
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.1 ? 1 : 0)}%`;
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
