import { grouped } from '../files/number-text.ts';
import { colourOf } from './glyph.ts';
import { type Html, html } from './html.ts';

/** A part of a bar. */
export interface Segment {
  readonly status: string;
  readonly count: number;
}

const LENGTH = 1_000;
const GAP = 3;
/** Even one file among millions is to be seen. */
const SHORTEST = 8;
/** What went wrong stands out by its height too. */
const TALL: ReadonlySet<string> = new Set(['failed', 'quarantined']);

/**
 * Counts as one bar, in the order given.
 *
 * @param most the count that a bar of full length stands for
 */
export function stackedBar(segments: readonly Segment[], most: number): Html {
  const placed = placeSegments(
    segments.filter(({ count }) => count > 0),
    most,
  );
  const label = segments.map(({ status, count }) => `${grouped(count)} ${status}`).join(', ');
  const parts = placed.map(({ status, x, width }) =>
    TALL.has(status)
      ? html`<rect class="sm-${colourOf(status)}" x="${x}" y="0" width="${width}" height="16"/>`
      : html`<rect class="sm-${colourOf(status)}" x="${x}" y="3" width="${width}" height="10"/>`,
  );
  return html`<svg class="sm-bar" viewBox="0 0 ${LENGTH} 16" preserveAspectRatio="none" role="img" aria-label="${label}">${parts}</svg>`;
}

interface Placed {
  readonly status: string;
  readonly x: number;
  readonly width: number;
}

/** Short segments get the length at which they can be seen; the longest one gives it. */
function placeSegments(segments: readonly Segment[], most: number): Placed[] {
  const total = segments.reduce((sum, { count }) => sum + count, 0);
  const length = most > 0 ? (LENGTH * total) / most : 0;
  const wanted = segments.map(({ count }) => Math.max(SHORTEST, (length * count) / total));
  const excess = Math.max(0, wanted.reduce((sum, width) => sum + width, 0) - LENGTH);
  const longest = wanted.indexOf(Math.max(...wanted));
  let x = 0;
  return segments.map(({ status }, i) => {
    const width = (wanted[i] ?? 0) - (i === longest ? excess : 0);
    const placed = { status, x: tenths(x), width: tenths(Math.max(1, width - GAP)) };
    x += width;
    return placed;
  });
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
