import { type Html, html } from './html.ts';

const LENGTH = 1_000;

/** A value against its limit, to scale: the mark is the limit, and what is beyond it is marked. */
export function meter(value: number, limit: number, label: string): Html {
  const most = Math.max(value, limit * 1.25);
  const at = (amount: number) => Math.round((amount / most) * LENGTH);
  const isOver = value > limit;
  return html`<svg class="sm-bar" viewBox="0 0 ${LENGTH} 16" preserveAspectRatio="none" role="img" aria-label="${label}"><rect class="sm-track" x="0" y="4" width="${LENGTH}" height="8"/><rect class="${isOver ? 'sm-over' : 'sm-within'}" x="0" y="4" width="${Math.max(4, at(value))}" height="8"/><rect class="sm-limit" x="${at(limit) - 2}" y="0" width="4" height="16"/></svg>`;
}
