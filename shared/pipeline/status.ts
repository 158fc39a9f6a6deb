/** The statuses of a file, in the order of its life. */
export const STATUSES = [
  'pending',
  'manifested',
  'processing',
  'completed',
  'failed',
  'quarantined',
] as const;
export type Status = (typeof STATUSES)[number];

/** A status that this project does not know, or none at all: such a record is counted, never dropped. */
export const UNKNOWN_STATUS = 'unknown';

/** Files with one of these are expected to move. */
export const IN_FLIGHT_STATUSES = [
  'pending',
  'manifested',
  'processing',
] as const satisfies readonly Status[];
export type InFlightStatus = (typeof IN_FLIGHT_STATUSES)[number];

/** Files with one of these are final, with success or without. */
export const SETTLED_STATUSES = ['completed', 'failed', 'quarantined'] as const satisfies readonly Status[];

/** What a change may set: without shard suffix, and nothing that a terminal or a table could not show. */
export const SETTABLE_STATUS = /^[^#\s\p{Cc}]{1,64}$/u;

export function isStatus(name: string): name is Status {
  return (STATUSES as readonly string[]).includes(name);
}

export function isSettled(status: string): boolean {
  return SETTLED_STATUSES.some((settled) => settled === status);
}

export function isInFlight(status: string): status is InFlightStatus {
  return (IN_FLIGHT_STATUSES as readonly string[]).includes(status);
}

/** A stored status taken apart: `pending#3` is the status `pending` with the shard suffix `#3`. */
export interface StoredStatus {
  readonly status: string;
  /** `#3`, or an empty string: kept whenever the status is written again. */
  readonly suffix: string;
}

/** Never throws: what is not text, or is empty, is the unknown status. */
export function parseStatus(stored: unknown): StoredStatus {
  if (typeof stored !== 'string') return { status: UNKNOWN_STATUS, suffix: '' };
  const cut = stored.indexOf('#');
  const status = cut < 0 ? stored : stored.slice(0, cut);
  return { status: status || UNKNOWN_STATUS, suffix: cut < 0 ? '' : stored.slice(cut) };
}

/** The stored form of a status; `suffix` is that of the record's present status. */
export function storedStatus(status: string, suffix: string): string {
  return status + suffix;
}
