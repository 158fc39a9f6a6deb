import { durationText } from './duration.ts';

/** A time for a person: `2026-11-23 05:22:53Z`. */
export function utcText(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** How long ago a time was: `2h 13m`, or `in 4m` when it is still to come. */
export function ageText(time: string | number, now: number): string {
  const millis = now - new Date(time).getTime();
  // Clocks of two machines differ a little; that is no future.
  return millis < -2_000 ? `in ${durationText(-millis)}` : durationText(Math.max(0, millis));
}

/** The same as an adverb: `2h 13m ago`, or `in 4m`. */
export function agoText(time: string | number, now: number): string {
  const age = ageText(time, now);
  return age.startsWith('in ') ? age : `${age} ago`;
}

/** A time and its age: `2026-11-23 05:22:53Z (2h 13m ago)`. */
export function timeWithAge(time: string | number, now: number): string {
  return `${utcText(time)} (${agoText(time, now)})`;
}
