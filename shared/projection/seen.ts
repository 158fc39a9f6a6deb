import type { Deps, Table } from '../aws/deps.ts';
import { recordKind } from '../pipeline/record.ts';
import type { PathedFile } from '../pipeline/sender.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { SenderPath } from '../settings/index-profile.ts';
import { registerDates } from './dates.ts';
import type { ClassPlaces } from './failure-counts.ts';
import {
  createKnownClasses,
  failuresOf,
  type KnownClasses,
  learnClasses,
  type SeenFailure,
} from './known-classes.ts';
import { createKnownSenders, type KnownSenders, learnSenders, type SenderIds } from './known-senders.ts';
import { learnSuffixes, type SeenSuffix, seenSuffix } from './suffixes.ts';

/** What a process has seen in records and noted, so that it does not note it again. New things are added. */
export interface Seen {
  readonly dates: Set<string>;
  readonly suffixes: Set<string>;
  readonly classes: KnownClasses;
  /** Undefined if files are not counted by sender. */
  readonly senders: KnownSenders | undefined;
}

/** For a process that begins. @param senderPath where the path of a file names its sender; undefined if senders are not counted */
export function nothingSeen(senderPath: SenderPath | undefined): Seen {
  return {
    dates: new Set(),
    suffixes: new Set(),
    classes: createKnownClasses(),
    senders: createKnownSenders(senderPath),
  };
}

/** What has to be noted of records before they are counted. */
export interface Traits {
  readonly dates: Iterable<string>;
  readonly suffixes: readonly SeenSuffix[];
  readonly failures: readonly SeenFailure[];
  /** Files whose paths may name a sender. */
  readonly files: readonly PathedFile[];
}

/** What failures and senders are counted as. */
export interface Places {
  readonly places: ClassPlaces;
  readonly senderIdOf: SenderIds;
}

/** The traits of records as they are stored. @param now milliseconds since the epoch */
export function traitsOf(records: readonly TrackingRecord[], now: number): Traits {
  const counted = records.filter((record) => recordKind(record) !== 'lock');
  return {
    dates: counted.map(({ date_prefix }) => date_prefix),
    suffixes: counted.flatMap((record) => seenSuffix(record, record.status) ?? []),
    failures: failuresOf(counted, now),
    files: counted,
  };
}

/**
 * Notes what was not seen before, so that audits, listings and answers find everything that will be counted.
 *
 * @param usualSuffixes the usual suffixes of files, which need not be noted, as in `TrackingTable`
 * @param now milliseconds since the epoch
 */
export async function learn(
  table: Table,
  { dates, suffixes, failures, files }: Traits,
  {
    seen,
    usualSuffixes,
    now,
  }: { readonly seen: Seen; readonly usualSuffixes: readonly string[]; readonly now: number },
): Promise<Places> {
  await learnClasses(table, failures, seen.classes, now);
  const senderIdOf = await learnSenders(table, files, seen.senders, now);
  await registerDates(table, dates, seen.dates);
  await learnSuffixes(table, suffixes, usualSuffixes, seen.suffixes);
  return { places: seen.classes.places, senderIdOf };
}

/** The same for records that are counted once, outside the stream. */
export function learnOnce(
  records: readonly TrackingRecord[],
  { projection, tracking, now }: Pick<Deps, 'projection' | 'tracking' | 'now'>,
): Promise<Places> {
  const { usualSuffixes, senderPath } = tracking;
  return learn(projection, traitsOf(records, now), { seen: nothingSeen(senderPath), usualSuffixes, now });
}
