import { type Html, html } from './html.ts';
import type { StatusColour } from './palette.ts';

const LENGTH = 1_000;
const HEIGHT = 100;

/** What the bottom and the top of a chart stand for. */
export interface Scale {
  readonly from: number;
  readonly to: number;
}

/** Values at even distances as a line over its area. */
export function lineChart(
  values: readonly number[],
  { from, to }: Scale,
  colour: StatusColour,
  label: string,
): Html {
  const range = to - from || 1;
  const points = values.map((value, i) => {
    const x = Math.round((i / Math.max(1, values.length - 1)) * LENGTH);
    // Room for the line's own width at both ends.
    const y = Math.round(HEIGHT - 4 - ((value - from) / range) * (HEIGHT - 8));
    return `${x},${y}`;
  });
  const line = points.join(' ');
  return html`<svg class="sm-line sm-${colour}" viewBox="0 0 ${LENGTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}"><polygon class="sm-area" points="0,${HEIGHT} ${line} ${LENGTH},${HEIGHT}"/><polyline class="sm-stroke" points="${line}"/></svg>`;
}
