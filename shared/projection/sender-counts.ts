import type { Entity } from '../pipeline/record.ts';
import { isInFlight, isStatus, type Status, UNKNOWN_STATUS } from '../pipeline/status.ts';
import { type CounterChange, type CounterKind, counterPartition, SENDER_MARK } from './counter-kind.ts';

const HOUR = 3_600_000;

/** Used instead of a sender's number: for senders that are not counted separately, and for paths without a sender. */
export const OTHER_SENDERS = 'o';
export const NO_SENDER = 'n';

const LETTERS: Readonly<Record<Status | typeof UNKNOWN_STATUS, string>> = {
  pending: 'p',
  manifested: 'm',
  processing: 'r',
  completed: 'c',
  failed: 'f',
  quarantined: 'q',
  unknown: 'u',
};

// Every write pays for the entire item, by the kilobyte: this many senders fit into one in a busy hour.
const SENDERS_PER_ITEM = 50;

/**
 * How many files of each sender are in each status, by date and in all; those in flight also by the hour (UTC) in which they
 * entered it. A counter holds many senders, so that a transaction writes to few. A head keeps how it is counted.
 */
export const senderCounts: CounterKind = {
  name: 'n',
  placeOf: ({ entity, status, since, senderId }) => {
    if (!hasSender(entity) || senderId === undefined) return undefined;
    const place = `${letterOf(status)}${senderId}`;
    return isInFlight(status) ? `${place}@${hourOf(since)}` : place;
  },
  held({ date_prefix, counted }) {
    const { letter, rule, sender, hour } = partsOf(counted?.n) ?? {};
    if (letter === undefined || sender === undefined) return [];
    const item = Math.floor((Number(sender) || 0) / SENDERS_PER_ITEM);
    const part = `${SENDER_MARK}${rule}.${hour === undefined ? `s${item}` : `h${item}.${hour}`}`;
    return [undefined, date_prefix].map((date) => changeOf(date, part, `${letter}${sender}`));
  },
  isHeld: (part) => part.startsWith(SENDER_MARK),
};

/** Whether heads of an entity are counted by sender. */
export function hasSender(entity: Entity): boolean {
  return entity === 'file';
}

/** What a sender is counted as under a rule: the rule, and the sender's number or its substitute. */
export function senderIdOf(ruleId: string, sender: string | number): string {
  return `${ruleId}.${sender}`;
}

/** The sender's id in the place that a head keeps. */
export function senderIdIn(place: string | undefined): string | undefined {
  const { rule, sender } = partsOf(place) ?? {};
  return rule === undefined || sender === undefined ? undefined : senderIdOf(rule, sender);
}

/** The rule by which a sender's id was found. */
export function ruleOf(senderId: string | undefined): string | undefined {
  return senderId?.split('.')[0];
}

const PLACE =
  /^(?<letter>[pmrcfqu])(?<rule>[0-9a-f]{4})\.(?<sender>\d{1,4}|[on])(?:@(?<hour>[0-9a-z]{0,6}))?$/;

function partsOf(place: string | undefined) {
  return place === undefined ? undefined : PLACE.exec(place)?.groups;
}

function letterOf(status: string): string {
  return LETTERS[isStatus(status) ? status : UNKNOWN_STATUS];
}

/** Short, because every write pays for it; empty if unknown. */
function hourOf(since: string): string {
  const millis = Date.parse(since);
  return Number.isNaN(millis) ? '' : Math.floor(millis / HOUR).toString(36);
}

function changeOf(date: string | undefined, part: string, attribute: string): CounterChange {
  return { pk: counterPartition(date), part, add: { [attribute]: 1 } };
}

/** Some files of a sender, as in a counter. */
export interface SenderCount {
  /** Its number or its substitute. */
  readonly sender: string;
  readonly status: Status | typeof UNKNOWN_STATUS;
  readonly count: number;
  /** The start of the hour in which they entered the status, milliseconds since the epoch; undefined if unknown or not in flight. */
  readonly from: number | undefined;
}

/** Reads one counter of a rule; nothing if it belongs to another rule. */
export function senderCountsIn(
  part: string,
  counts: Readonly<Record<string, number>>,
  ruleId: string,
): SenderCount[] {
  const [, hour] = partPattern(ruleId).exec(part) ?? [];
  if (hour === undefined) return [];
  const from = hour.startsWith('h') && !hour.endsWith('.') ? hourFrom(hour) : undefined;
  return Object.entries(counts).flatMap(([attribute, count]) => {
    const [, letter, sender] = /^([pmrcfqu])(\d{1,4}|[on])$/.exec(attribute) ?? [];
    const status = STATUS_OF.get(letter ?? '');
    return sender === undefined || status === undefined ? [] : [{ sender, status, count, from }];
  });
}

function partPattern(ruleId: string): RegExp {
  return new RegExp(`^${SENDER_MARK}${ruleId}\\.(s\\d+|h\\d+\\.[0-9a-z]*)$`);
}

function hourFrom(hour: string): number {
  return Number.parseInt(hour.slice(hour.indexOf('.') + 1), 36) * HOUR;
}

const STATUS_OF = new Map(
  Object.entries(LETTERS).map(([status, letter]) => [letter, status as SenderCount['status']]),
);
