import type { Change } from '../changes/change.ts';
import { IN_FLIGHT_STATUSES, type InFlightStatus } from '../pipeline/status.ts';
import type { Noted } from '../reports/noted.ts';
import { isoTime } from '../text/time.ts';
import { cutTo } from '../text/visible-text.ts';
import { NOTICE_VERSION, type Notice, type NoticeData, type NoticeOf, type NoticeType } from './notice.ts';
import {
  isWave,
  type SettledCounts,
  type SettledSample,
  type SettledShare,
  shareOf,
  withSettled,
} from './wave.ts';

/** The state that the outlet keeps from one look to the next. It is plain JSON. */
export interface OutletState {
  /** When it looked for the first time, in milliseconds since the epoch; there are no notices of what was noted before. */
  readonly began: number;
  /** The classes of failures that already had a notice, or existed before the first look. */
  readonly classes: readonly string[];
  /** Since when files have been over the limit of a status, `…Z`. */
  readonly overdue: Readonly<Partial<Record<InFlightStatus, string>>>;
  readonly samples: readonly SettledSample[];
  /** Since when there has been a wave of failures, `…Z`; null if there is none. */
  readonly wave: string | null;
  /** Notices to be sent; they stay until the bus has accepted them. */
  readonly waiting: readonly Notice[];
}

/** Something noted that can be sent now: a change is sent once its own item says that it is done. */
export type SeenFact = {
  /** The id under which it was noted. */
  readonly id: string;
  readonly at: string;
} & ({ readonly kind: 'change'; readonly change: Change } | Exclude<Noted, { readonly kind: 'change' }>);

/** What the outlet sees when it looks. */
export interface Seen {
  readonly environment: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** All known classes of failures, with the data of the notice for those that have not had one. */
  readonly classes: ReadonlyMap<string, NoticeData<'class-appeared'> | undefined>;
  readonly limits: Readonly<Record<InFlightStatus, number>>;
  /** How many files are over each limit. */
  readonly overdue: Readonly<Record<InFlightStatus, number>>;
  /** How many files have settled, and how many of them are not completed, since counting began. */
  readonly settled: SettledCounts;
  readonly facts: readonly SeenFact[];
  /** Whether more notices can wait: the state is one item, of at most 400 KB. */
  readonly hasRoom: boolean;
}

/**
 * Makes notices of what was seen, and adds them to those that wait. Pure. Without room there are no new notices; limits
 * that were passed and waves that began get theirs once there is room. The id of a notice comes from what it is about, and
 * the notice is in the state before it is sent, so if it is sent twice, both are the same.
 *
 * @param before undefined at the first look, which makes no notices of what existed before
 */
export function look(before: OutletState | undefined, seen: Seen): OutletState {
  const { now, settled } = seen;
  const begun = before ?? beginning(seen);
  const samples = withSettled(begun.samples, { at: now, ...settled });
  if (!seen.hasRoom) return { ...begun, samples };
  const wave = waveOf(begun.wave, shareOf(samples), seen);
  const overdue = overdueOf(begun.overdue, seen);
  const appeared = [...seen.classes].flatMap(([id, data]) =>
    data && !begun.classes.includes(id) ? [{ id, data }] : [],
  );
  const fresh = [
    ...appeared.map(({ id, data }) => noticeOf('class-appeared', id, data, seen)),
    ...overdue.notices,
    ...wave.notices,
    ...seen.facts.filter(({ at }) => Date.parse(at) >= begun.began).map((fact) => factNotice(fact, seen)),
  ];
  const waiting = new Set(begun.waiting.map(({ id }) => id));
  return {
    began: begun.began,
    classes: [...begun.classes, ...appeared.map(({ id }) => id)],
    overdue: overdue.since,
    samples,
    wave: wave.since,
    waiting: [...begun.waiting, ...fresh.filter(({ id }) => !waiting.has(id))],
  };
}

function beginning({ now, classes }: Seen): OutletState {
  return { began: now, classes: [...classes.keys()], overdue: {}, samples: [], wave: null, waiting: [] };
}

function waveOf(before: string | null, share: SettledShare | undefined, seen: Seen) {
  if (!share) return { since: before, notices: [] };
  const isOn = isWave(share, before !== null);
  if (isOn === (before !== null)) return { since: before, notices: [] };
  const since = before ?? isoTime(seen.now);
  const notice = noticeOf(isOn ? 'wave-began' : 'wave-ended', since, { since, ...share }, seen);
  return { since: isOn ? since : null, notices: [notice] };
}

function overdueOf(before: OutletState['overdue'], seen: Seen) {
  const since: Partial<Record<InFlightStatus, string>> = {};
  const notices: Notice[] = [];
  for (const status of IN_FLIGHT_STATUSES) {
    const [files, limit_hours] = [seen.overdue[status], seen.limits[status]];
    const from = before[status] ?? isoTime(seen.now);
    const id = `${status}/${from}`;
    if (files > 0) since[status] = from;
    if (files > 0 && before[status] === undefined)
      notices.push(noticeOf('limit-passed', id, { status, limit_hours, files, since: from }, seen));
    if (files === 0 && before[status] !== undefined)
      notices.push(noticeOf('limit-kept', id, { status, limit_hours, since: from }, seen));
  }
  return { since, notices };
}

function factNotice(fact: SeenFact, seen: Seen): Notice {
  switch (fact.kind) {
    case 'change':
      return changeNotice(fact.change, seen);
    case 'drift':
      return noticeOf('drift-found', fact.id, withoutOwn(fact), seen);
    case 'lost':
      return noticeOf('data-lost', fact.id, { ...withoutOwn(fact), samples: [...fact.samples] }, seen);
  }
}

function withoutOwn<T extends { id: string; at: string; kind: string }>(fact: T) {
  const { id: _, at: __, kind: ___, ...data } = fact;
  return data;
}

// Everything that waits is in one item, of at most 400 KB.
const MOST_REASON = 1_000;

function changeNotice({ id, actor, reason, origin, counts, undoes }: Change, seen: Seen): Notice {
  const { applied = 0, skipped = 0, failed = 0 } = counts ?? {};
  const data = {
    ...{ change_id: id, actor: actor.identity, reason: cutTo(reason, MOST_REASON), origin },
    ...{ applied, skipped, failed },
  };
  return undoes === undefined
    ? noticeOf('change-applied', id, data, seen)
    : noticeOf('change-undone', id, { ...data, undoes }, seen);
}

function noticeOf<T extends NoticeType>(
  type: T,
  about: string,
  data: NoticeData<T>,
  { environment, now }: Seen,
): NoticeOf<T> {
  const id = `${environment}/${type}/${about}`;
  return { version: NOTICE_VERSION, id, type, environment, at: isoTime(now), data };
}
