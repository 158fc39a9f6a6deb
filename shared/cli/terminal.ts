import type { Readable, Writable } from 'node:stream';
import { styleText } from 'node:util';
import { createLogUpdate } from 'log-update';
import { isStatus, type Status } from '../pipeline/status.ts';
import { grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import { padTo } from '../text/width.ts';

/** Streams of a process, which may be a terminal. */
export type InputStream = Readable & { readonly isTTY?: boolean };
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  hasColors?(): boolean;
};

/** The meaning of a text on a terminal; without colors it reads the same. */
export type Tone = Status | 'heading' | 'dim' | 'good' | 'warning' | 'bad';

/** Colors text by its meaning, or leaves it as it is where colors are not wanted. */
export type Colorize = (tone: Tone, text: string) => string;

type Style = Parameters<typeof styleText>[0];

/** A status has the same color everywhere. */
const STYLES: Readonly<Record<Tone, Style>> = {
  pending: 'cyan',
  manifested: 'blue',
  processing: 'yellow',
  completed: 'green',
  failed: 'red',
  quarantined: 'magenta',
  heading: 'bold',
  dim: 'dim',
  good: 'green',
  warning: 'yellow',
  bad: ['bold', 'red'],
};

/** Colors for a stream that shows them; Node knows the terminals, and heeds NO_COLOR. */
export function colorizeFor(stream: OutputStream): Colorize {
  return stream.isTTY && stream.hasColors?.() ? colored : plain;
}

export const plain: Colorize = (_tone, text) => text;

const colored: Colorize = (tone, text) => styleText(STYLES[tone], text, { validateStream: false });

/** Text, such as the status itself, in the status' color. */
export function colorizeStatus(colorize: Colorize, status: string, text = status): string {
  return colorize(isStatus(status) ? status : 'dim', text);
}

/** Names and values, one pair per line; values are never cut. */
export function detailLines(
  details: readonly (readonly [name: string, value: string])[],
  colorize: Colorize,
): string[] {
  const width = Math.max(...details.map(([name]) => name.length));
  return details.map(([name, value]) => `${colorize('dim', padTo(name, width))}  ${value}`);
}

/** The progress of long work, shown to a person. */
export interface Progress {
  /**
   * @param done how many so far
   * @param total how many there are, once that is known
   */
  update(done: number, total?: number): void;
  /** Removes the bar. */
  end(): void;
}

const REFRESH_MILLIS = 100;
const BAR_WIDTH = 30;

/**
 * A bar on standard error, only where that is a terminal. It needs the line for itself, so there is none
 * while rows go to the same terminal.
 *
 * @param expected undefined when it is not known
 * @param clock milliseconds
 */
export function startProgress(
  stderr: OutputStream,
  label: string,
  expected: number | undefined,
  clock: () => number,
): Progress {
  if (!stderr.isTTY) return { update: () => undefined, end: () => undefined };
  const line = createLogUpdate(stderr);
  const started = clock();
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    update(done, total = expected) {
      const now = clock();
      if (now - shownAt < REFRESH_MILLIS) return;
      shownAt = now;
      line(progressLine(label, done, total, now - started));
    },
    end: () => line.clear(),
  };
}

/** Such as `files ━━━━━╌╌╌╌╌ 1,200 of 2,400 · 300/s · 4s left`. */
export function progressLine(label: string, done: number, total: number | undefined, millis: number): string {
  const perSecond = millis > 0 ? (done * 1_000) / millis : 0;
  const rate = `${grouped(perSecond)}/s`;
  if (total === undefined || total < done) return `${label} ${grouped(done)} · ${rate}`;
  const filled = total === 0 ? BAR_WIDTH : Math.floor((done / total) * BAR_WIDTH);
  const bar = '━'.repeat(filled) + '╌'.repeat(BAR_WIDTH - filled);
  const left = perSecond > 0 ? ` · ${durationText(((total - done) / perSecond) * 1_000)} left` : '';
  return `${label} ${bar} ${grouped(done)} of ${grouped(total)} · ${rate}${left}`;
}
