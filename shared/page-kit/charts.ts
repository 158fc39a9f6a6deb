import { grouped } from '../text/number-text.ts';
import { isoTime } from '../text/time.ts';
import { utcText } from '../text/time-text.ts';
import { type Content, type Html, html } from './html.ts';
import type { Tone } from './palette.ts';

// The width of a drawing in its own units.
const LENGTH = 1_000;

/**
 * A value against its limit, to scale: the limit is marked, and a value beyond it stands out, unless it is unsure whether
 * it is beyond.
 */
export function meter(
  value: number,
  limit: number,
  label: string,
  { isUnsure = false }: { readonly isUnsure?: boolean } = {},
): Html {
  const most = Math.max(value, limit * 1.25);
  const at = (amount: number) => Math.round((amount / most) * LENGTH);
  const isOver = value > limit && !isUnsure;
  return html`<svg class="sm-bar" viewBox="0 0 ${LENGTH} 16" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="sm-track" x="0" y="4" width="${LENGTH}" height="8"/><rect class="${isOver ? 'sm-over' : 'sm-within'}" x="0" y="4" width="${Math.max(4, at(value))}" height="8"/><rect class="sm-limit" x="${at(limit) - 2}" y="0" width="4" height="16"/></svg>`;
}

const HEIGHT = 100;

/** The values at the bottom and the top of a chart. */
export interface Scale {
  readonly from: number;
  readonly to: number;
}

/** What one value of a chart means, shown when the pointer rests on it. */
export interface Told {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

/**
 * Values at even distances as a line over its area.
 *
 * @param told texts for the values, if there are any
 */
export function lineChart(
  values: readonly number[],
  { from, to }: Scale,
  tone: Tone,
  label: string,
  told: readonly Told[] = [],
): Html {
  const range = to - from || 1;
  const points = values.map((value, i) => {
    const x = Math.round((i / Math.max(1, values.length - 1)) * LENGTH);
    // Room for the line's own width at both ends.
    const y = Math.round(HEIGHT - 4 - ((value - from) / range) * (HEIGHT - 8));
    return `${x},${y}`;
  });
  const line = points.join(' ');
  return html`<svg class="sm-line sm-${tone}" viewBox="0 0 ${LENGTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}"><polygon class="sm-area" points="0,${HEIGHT} ${line} ${LENGTH},${HEIGHT}"/><polyline class="sm-stroke" points="${line}"/>${told.map((each, i) => hitArea(each, i, told.length))}</svg>`;
}

/** The area around a value where the pointer may rest: a title is shown without a script. */
function hitArea({ at, text }: Told, i: number, count: number): Html {
  const step = LENGTH / Math.max(1, count - 1);
  const left = Math.max(0, tenths((i - 0.5) * step));
  const right = Math.min(LENGTH, tenths((i + 0.5) * step));
  return html`<rect class="sm-hit" x="${left}" y="0" width="${tenths(right - left)}" height="${HEIGHT}"><title data-at="${isoTime(at)}">${utcText(at)}: ${text}</title></rect>`;
}

/** A chart with the ends of its axes. Words are outside the drawing, because the drawing is stretched. */
export function withAxes(chart: Html, { from, to }: Scale, start: Content, end: Content): Html {
  return html`<div class="sm-chart"><p class="sm-scale sm-upright"><span>${grouped(to)}</span><span>${grouped(from)}</span></p>${chart}<p class="sm-scale"><span>${start}</span><span>${end}</span></p></div>`;
}

/** A stretch of time. */
export interface Span {
  readonly tone: Tone;
  /** Milliseconds since the epoch; `to` may be before `from` if a clock went back. */
  readonly from: number;
  readonly to: number;
  /** Whether it still lasts. */
  readonly isOpen: boolean;
}

const SHORTEST = 5;

/** Stretches of time on one line, to scale between two moments; even the shortest can be seen. */
export function spanBar(spans: readonly Span[], start: number, end: number, label: string): Html {
  const scale = end > start ? (LENGTH - SHORTEST) / (end - start) : 0;
  const bars = spans.map(({ tone, from, to, isOpen }) => {
    const x = Math.round((from - start) * scale);
    // Anything after the end is not shown.
    const width = Math.max(SHORTEST, Math.round((Math.min(to, end) - from) * scale));
    return html`<rect class="sm-${tone}${isOpen && ' sm-open'}" x="${x}" y="2" width="${width}" height="12"/>`;
  });
  return html`<svg class="sm-bar" viewBox="0 0 ${LENGTH} 16" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="sm-track" x="0" y="7" width="${LENGTH}" height="2"/>${bars}</svg>`;
}

/** A part of a bar. */
export interface BarPart {
  readonly name: string;
  readonly count: number;
  readonly tone: Tone;
  /** Whether it also stands out by its height. */
  readonly isTall: boolean;
}

const GAP = 3;
/** Even one among millions can be seen. */
const SHORTEST_PART = 8;

/**
 * Counts as one bar, in the order given.
 *
 * @param most the count that a bar of full length stands for
 */
export function stackedBar(parts: readonly BarPart[], most: number): Html {
  const placed = placeParts(
    parts.filter(({ count }) => count > 0),
    most,
  );
  const label = parts.map(({ name, count }) => `${grouped(count)} ${name}`).join(', ');
  const bars = placed.map(({ tone, isTall, x, width }) =>
    isTall
      ? html`<rect class="sm-${tone}" x="${x}" y="0" width="${width}" height="16"/>`
      : html`<rect class="sm-${tone}" x="${x}" y="3" width="${width}" height="10"/>`,
  );
  return html`<svg class="sm-bar" viewBox="0 0 ${LENGTH} 16" preserveAspectRatio="none" role="img" aria-label="${label}">${bars}</svg>`;
}

interface PlacedPart extends BarPart {
  readonly x: number;
  readonly width: number;
}

/** Short parts are made long enough to be seen; the longest one gives up that length. */
function placeParts(parts: readonly BarPart[], most: number): PlacedPart[] {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const length = most > 0 ? (LENGTH * total) / most : 0;
  const wanted = parts.map(({ count }) => Math.max(SHORTEST_PART, (length * count) / total));
  const excess = Math.max(0, wanted.reduce((sum, width) => sum + width, 0) - LENGTH);
  const longest = wanted.indexOf(Math.max(...wanted));
  let x = 0;
  return parts.map((part, i) => {
    const width = (wanted[i] ?? 0) - (i === longest ? excess : 0);
    const placed = { ...part, x: tenths(x), width: tenths(Math.max(1, width - GAP)) };
    x += width;
    return placed;
  });
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
