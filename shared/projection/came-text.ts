import { grouped } from '../text/number-text.ts';
import type { ArrivalsAnswer } from './usual-arrivals.ts';

/** Whether somebody should look why. */
export function isUnusual({ state }: ArrivalsAnswer): boolean {
  return state === 'fewer' || state === 'more';
}

/** How many files of a date came, and whether that is usual, for a person. */
export function cameText({ came, state, usual, compared }: ArrivalsAnswer): string {
  const files = `${grouped(came)} files came`;
  if (usual === null || state === 'unknown') return `${files}; nothing to compare with yet`;
  const words = { as_usual: 'as usual', fewer: 'FEWER than usual', more: 'MORE than usual' }[state];
  return `${files}, ${words} (${grouped(usual.from)} to ${grouped(usual.to)} on ${compared} such days)`;
}
