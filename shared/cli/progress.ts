import { createLogUpdate } from 'log-update';
import { grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';

/** How far long work is, shown to a person. */
export interface Progress {
  /** @param done how many so far */
  update(done: number): void;
  /** Takes the bar away. */
  end(): void;
}

const REFRESH_MILLIS = 100;
const BAR_WIDTH = 30;

/**
 * A bar on standard error, only where that is a terminal. It needs the line for itself, so there is none
 * while rows go to the same terminal.
 *
 * @param total undefined when it is not known
 * @param clock milliseconds
 */
export function startProgress(
  stderr: NodeJS.WriteStream,
  label: string,
  total: number | undefined,
  clock: () => number,
): Progress {
  if (!stderr.isTTY) return { update: () => undefined, end: () => undefined };
  const line = createLogUpdate(stderr);
  const started = clock();
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    update(done) {
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
