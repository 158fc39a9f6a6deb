const UNIT_MILLIS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)([smhd])$/;

/** Milliseconds in a length of time such as `90s`, `30m`, `2h` or `1.5d`; undefined for any other text. */
export function durationMillis(text: string): number | undefined {
  const [, amount, unit] = DURATION.exec(text) ?? [];
  return isUnit(unit) ? Number(amount) * UNIT_MILLIS[unit] : undefined;
}

function isUnit(text: string | undefined): text is keyof typeof UNIT_MILLIS {
  return text !== undefined && text in UNIT_MILLIS;
}

/** A length of time for a person: its two largest units, such as `2h 13m`. */
export function durationText(millis: number): string {
  if (millis < 0) return `-${durationText(-millis)}`;
  if (millis < 10_000) return `${Number((millis / 1_000).toFixed(1))}s`;
  const seconds = Math.round(millis / 1_000);
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return pair(seconds, 60, 'm', 1, 's');
  if (seconds < 86_400) return pair(seconds, 3_600, 'h', 60, 'm');
  return pair(seconds, 86_400, 'd', 3_600, 'h');
}

function pair(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)}${largeUnit}${rest === 0 ? '' : ` ${rest}${smallUnit}`}`;
}

/** The same of a number of hours: `1d 6h`, and `36s` for 0.01. */
export function hoursText(hours: number): string {
  return durationText(hours * UNIT_MILLIS.h);
}

/** A time for a person: `2026-11-23 05:22:53Z`. */
export function utcText(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}

/** How long ago a time was: `2h 13m`, or `in 4m` when it is still to come. */
export function ageText(time: string | number, now: number): string {
  const millis = now - new Date(time).getTime();
  // Clocks of two machines differ a little; that does not mean the future.
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
