import { failureClass } from '../../shared/pipeline/failure-class.ts';
import type { Change } from './change.ts';

/** What the projection must show of one file or manifest, told from the history alone. */
export interface Truth {
  readonly kind: 'file' | 'manifest';
  readonly date_prefix: string;
  readonly file_key: string;
  /** Undefined when the record is gone. */
  readonly status: string | undefined;
  /** When it took its status, or was removed. */
  readonly since: string;
  /** What it is counted as among failures: `f` or `q`, and its class; undefined where it is none. */
  readonly failure: string | undefined;
  /** Among whose files it is counted; undefined for what is no file, and for what is gone. */
  readonly sender: string | undefined;
  /** In the order they happened. */
  readonly events: readonly TrueEvent[];
}

/** One line of a timeline. */
export interface TrueEvent {
  readonly event: string;
  readonly status: string | undefined;
  readonly time: string;
  readonly position: string;
}

/** Whether a change is one that the projection has to show. What cannot be read or stored is not. */
export function isShown(change: Change): change is Change & { kind: Truth['kind'] } {
  return isTransition(change) && !change.damaged && !change.refused;
}

/** Whether a change must end as a dead letter. */
export function isPoison(change: Change): boolean {
  return isTransition(change) && (change.damaged || change.refused);
}

function isTransition({ kind, before, after }: Change): boolean {
  return kind !== 'lock' && before !== after;
}

/** Replays a history: the last change of each record is its status, and all of them are its timeline. */
export function truthOf(changes: readonly Change[]): Truth[] {
  const truths = new Map<string, Truth>();
  for (const change of changes.filter(isShown)) {
    const { kind, date_prefix, file_key, after: status, time: since } = change;
    const id = `${date_prefix}/${file_key}`;
    const events = [...(truths.get(id)?.events ?? []), eventOf(change)];
    const failure = failureOf(change);
    const sender = kind === 'file' && status !== undefined ? (change.sender ?? NOBODY) : undefined;
    truths.set(id, { kind, date_prefix, file_key, status, since, failure, sender, events });
  }
  return [...truths.values()];
}

/** Whose files are that have no sender in their path. */
export const NOBODY = '-';

const LETTERS: Readonly<Record<string, string>> = { failed: 'f', quarantined: 'q' };

function failureOf({ kind, after = '', cause }: Change): string | undefined {
  const letter = kind === 'file' ? LETTERS[after] : undefined;
  const without = after === 'failed' ? 'no error text' : 'no reason given';
  return letter && `${letter}${failureClass(cause ?? without).id}`;
}

const EVENT_OF_STATUS: Readonly<Record<string, string>> = {
  pending: 'reset',
  manifested: 'manifested',
  processing: 'processing_started',
  completed: 'completed',
  failed: 'failed',
  quarantined: 'quarantined',
};

function eventOf({ before, after, expired, time, position }: Change): TrueEvent {
  return { event: eventName(before, after, expired), status: after, time, position };
}

function eventName(before: string | undefined, after: string | undefined, expired: boolean): string {
  if (after === undefined) return expired ? 'expired' : 'removed';
  if (before === undefined && after === 'pending') return 'uploaded';
  return EVENT_OF_STATUS[after] ?? 'unrecognised';
}

/** The counters that these truths add up to, in the attributes that hold them; those of zero are left out. */
export function countersOf(truths: readonly Truth[]): Record<string, number> {
  const counters: Record<string, number> = {};
  const count = (kind: string, status: string | undefined) => {
    if (status === undefined) return;
    const name = `${kind}_${status in EVENT_OF_STATUS ? status : 'unknown'}`;
    counters[name] = (counters[name] ?? 0) + 1;
  };
  const countAge = (kind: Truth['kind'], status: string | undefined, since: string) => {
    const letter = status && AGE_LETTERS[kind][status];
    if (!letter) return;
    const name = `age ${letter}${since.slice(0, 'dddd-dd-ddTdd'.length)}`;
    counters[name] = (counters[name] ?? 0) + 1;
  };
  const countSender = (sender: string, status: string, since: string) => {
    const isKnown = status in EVENT_OF_STATUS;
    const hour = status in AGE_LETTERS.file ? ` ${since.slice(0, 'dddd-dd-ddTdd'.length)}` : '';
    const name = `sender ${sender} ${isKnown ? status : 'unknown'}${hour}`;
    counters[name] = (counters[name] ?? 0) + 1;
  };
  for (const { kind, status, since, failure, sender, events } of truths) {
    if (sender !== undefined && status !== undefined) countSender(sender, status, since);
    count(kind, status);
    if (failure !== undefined) counters[`class ${failure}`] = (counters[`class ${failure}`] ?? 0) + 1;
    countAge(kind, status, since);
    for (const event of events) count(`${kind}_arrived`, event.status);
  }
  return counters;
}

const AGE_LETTERS: Readonly<Record<Truth['kind'], Readonly<Record<string, string>>>> = {
  file: { pending: 'p', manifested: 'm', processing: 'r' },
  manifest: { pending: 'P', manifested: 'M', processing: 'R' },
};
