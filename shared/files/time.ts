const FIELD_TIME = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Reads a time as the pipeline's writers spell it: `2026-11-23T05:22:53.532494+00:00`, the same with `Z`,
 * with or without fractions, or naive, which means UTC.
 *
 * @returns the time as `2026-11-23T05:22:53.532Z` (cut to milliseconds), or undefined when it is no time
 */
export function parseFieldTime(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const match = FIELD_TIME.exec(value.trim());
  if (!match) return undefined;
  // Without the zone JavaScript would read a naive time in the machine's own.
  const millis = Date.parse(`${match[1]}T${match[2]}${match[3] ?? 'Z'}`);
  return Number.isNaN(millis) ? undefined : isoTime(millis);
}

/** Milliseconds since the epoch as `2026-11-23T05:22:53.532Z`. */
export function isoTime(millis: number): string {
  return new Date(millis).toISOString();
}

/** Seconds from one `…Z` time to another, to the millisecond; negative when `to` is earlier. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
