import Table from 'cli-table3';
import { isInFlight, STATUSES } from '../../shared/pipeline/status.ts';
import type { StatsAnswer } from './verification.ts';

/** What the summary is made from. */
export interface SummaryState {
  readonly stats: StatsAnswer & { readonly lag_seconds: number | null };
  /** Settled files per minute since the summary before; undefined at first. */
  readonly settledPerMinute: number | undefined;
  readonly source: string;
  /** What sweeps, statistics and audits came to, in a few words; empty before the first. */
  readonly schedules: string;
  readonly transitions: number;
  readonly duplicates: number;
  readonly gapsClosed: number;
  readonly late: number;
  readonly deadLetters: number;
  /** How long the oldest record in the stream has been waiting for the consumer. */
  readonly behindSeconds: number;
  /** Faults that were survived, such as a consumer that died. */
  readonly faults: number;
  readonly verified: string;
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

/** The same on one line, for output that is no terminal. */
export function summaryLine(state: SummaryState): string {
  const counts = STATUSES.map((status) => `${status}=${state.stats.stats[status] ?? 0}`).join(' ');
  return `files=${state.stats.total} ${counts} manifests=${state.stats.manifests.total} ${consumerWork(state)} | ${state.verified}`;
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
    `by itself: ${state.schedules || 'nothing yet'}`,
    `exact: ${state.verified}`,
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
