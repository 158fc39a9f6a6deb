const UNIT_MILLIS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)([smhd])$/;

/** Milliseconds in a length of time such as `90s`, `30m`, `2h` or `1.5d`; undefined when it is none. */
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
