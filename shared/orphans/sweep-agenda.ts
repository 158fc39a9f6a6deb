import type { Deps } from '../aws/deps.ts';
import { readProof } from '../data-proof/kept-proof.ts';
import { isBelievable } from '../data-proof/totals.ts';
import { IN_FLIGHT_STATUSES } from '../pipeline/status.ts';
import { incompleteListing, type KnownSuffixes, nextDateOf } from '../pipeline/status-index.ts';
import { readCounters } from '../projection/counter-items.ts';
import type { Counters } from '../projection/counters.ts';
import { readVerifiedDate, saveVerifiedDate } from '../reports/verified-dates.ts';
import { dayOf } from '../text/time.ts';
import type { AgeRules, Limits } from './limits.ts';
import { LISTINGS, type Listing } from './listings.ts';
import { type ListingAges, type OverdueDate, readOverdueDates } from './overdue-dates.ts';
import { readSweepReport } from './sweep-report.ts';
import type { CountedFiles } from './sweep-state.ts';
import { dateNeed } from './verified-dates.ts';

/** A listing, or the overdue or completed records of one date. It is plain JSON. */
export interface SweepPart {
  readonly listing: Listing['name'];
  /** All dates when undefined. */
  readonly date?: string | undefined;
  /** Set when only these of the records in flight are checked. */
  readonly overdue?: OverdueDate;
  /** Set when only what is remembered of the date is reported: its files are listed later. */
  readonly toldOnly?: true | undefined;
  /** About how many read units it takes. */
  readonly readUnits: number;
}

/** What is searched by one invocation after another, in parallel with other units. */
export interface SweepUnit {
  readonly parts: readonly SweepPart[];
  /** Its share of what the sweep may read, per second and in total; all units together have 1. */
  readonly share: number;
}

/** What a sweep will search, saved when it begins. It is plain JSON. */
export interface SweepAgenda {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly limits: Limits;
  readonly units: readonly SweepUnit[];
  /** Completed files with expired evidence, of dates that are skipped. */
  readonly unverifiable: number;
  /** The files in flight, where only overdue ones are checked; agendas of older versions have none. */
  readonly counted?: CountedFiles;
  /** When the last sweep that checked everything in flight began, including this one; since the epoch. */
  readonly allSeenAt?: number | undefined;
  /** Read units that making the agenda took. */
  readonly readUnits: number;
  readonly suffixes: KnownSuffixes;
  /** Why something cannot be listed, and what to do. */
  readonly incomplete?: string | undefined;
}

type AgendaDeps = Pick<Deps, 'tracking' | 'projection' | 'profile' | 'now'> & AgeRules;

/** For records of a kilobyte, read in pages of an index: 8 KB take one read unit. */
const UNITS_PER_FILE = 1 / 8;
// An empty listing still costs one request per shard.
const LEAST_UNITS = 10;

/**
 * Decides what a sweep searches. Dates on which nothing was completed since they were verified are skipped, for the
 * price of their counters, and so are files in flight that are not overdue. What a wrong count of ages hides is found
 * by the first sweep of a day (UTC), which reads everything in flight.
 *
 * @param readUnits that the invocation has read so far
 */
export async function makeAgenda(
  deps: AgendaDeps,
  id: string,
  readUnits: () => number,
): Promise<SweepAgenda> {
  const { projection, limits, now } = deps;
  const counters = await readCounters(projection, undefined);
  const { suffixes } = counters;
  const lastSeen = await readLastSeen(deps);
  const isFirstOfDay = lastSeen === undefined || dayOf(lastSeen) !== dayOf(now);
  const ages = isFirstOfDay ? new Map() : await readOverdueDates(deps);
  const completed = await completedParts(deps, suffixes);
  return {
    ...{ id, startedAt: now, limits, suffixes },
    units: shareOut([...inFlightParts(ages, counters), ...completed.parts]),
    counted: countedFiles(ages),
    allSeenAt: isFirstOfDay ? now : lastSeen,
    unverifiable: completed.unverifiable,
    readUnits: readUnits(),
    incomplete: incompleteListing(suffixes),
  };
}

/** When the last finished sweep that checked everything in flight began. */
async function readLastSeen(deps: AgendaDeps): Promise<number | undefined> {
  const { allSeenAt } = (await readSweepReport(deps)) ?? {};
  return allSeenAt === undefined ? undefined : Date.parse(allSeenAt);
}

type AgesByListing = ReadonlyMap<Listing['name'], ListingAges>;

function inFlightParts(ages: AgesByListing, counters: Counters): SweepPart[] {
  return LISTINGS.filter(({ name }) => name !== 'completed').flatMap(({ name, kind, status }) => {
    const known = ages.get(name);
    if (!known) return [{ listing: name, readUnits: unitsToList(counters[kind][status]) }];
    return known.dates.map(({ inStatus, ...overdue }) => {
      return { listing: name, date: overdue.date, overdue, readUnits: unitsToList(inStatus) };
    });
  });
}

/** Statuses of which only overdue files are checked. */
function countedFiles(ages: AgesByListing): CountedFiles {
  const known = IN_FLIGHT_STATUSES.flatMap((status) => {
    const ofStatus = ages.get(status);
    return ofStatus ? [{ status, ...ofStatus }] : [];
  });
  const oldest = known.flatMap(({ status, oldestHours }) =>
    oldestHours === undefined ? [] : [[status, oldestHours]],
  );
  return {
    inFlight: known.reduce((sum, { inFlight }) => sum + inFlight, 0),
    oldestHours: Object.fromEntries(oldest),
  };
}

async function completedParts(deps: AgendaDeps, suffixes: KnownSuffixes) {
  const parts: SweepPart[] = [];
  let unverifiable = 0;
  const listed = { kind: 'file' as const, status: 'completed', suffixes };
  for (let after: string | undefined; ; ) {
    const date = await nextDateOf(deps.tracking, listed, { after });
    if (date === undefined) return { parts, unverifiable };
    after = date;
    const { part, passedOver = 0 } = await partOfDate(deps, date);
    if (part) parts.push(part);
    unverifiable += passedOver;
  }
}

async function partOfDate(
  { projection, profile, now }: AgendaDeps,
  date: string,
): Promise<{ readonly part?: SweepPart; readonly passedOver?: number | undefined }> {
  const [counters, verified, proof] = await Promise.all([
    readCounters(projection, date),
    readVerifiedDate(projection, date),
    readProof(projection, date),
  ]);
  const part = { listing: 'completed' as const, date };
  const need = dateNeed(verified, counters, profile, now);
  if (need === 'files') return { part: { ...part, readUnits: unitsToList(counters.file.completed) } };
  if (need === 'later' && verified?.waiting === undefined) {
    const seen = verified ?? { date, until: 0, open: 0 };
    await saveVerifiedDate(projection, { ...seen, waiting: now }, now);
  }
  if (verified?.elsewhere) return { part: { ...part, readUnits: LEAST_UNITS } };
  const lost = Math.max(verified?.lost ?? 0, proof && isBelievable(proof) ? proof.files.lost : 0);
  if (lost === 0) return { passedOver: verified?.unverifiable };
  return { part: { ...part, toldOnly: true, readUnits: unitsToList(lost) } };
}

function unitsToList(files: number): number {
  return Math.max(LEAST_UNITS, Math.ceil(files * UNITS_PER_FILE));
}

const MOST_UNITS = 4;
// One invocation does less than this in a minute.
const WORTH_ITS_OWN = 10_000;
const LEAST_SHARE = 0.02;

/**
 * Distributes parts among as many units as they are worth, the largest first. Each unit gets its share of the reads per
 * second, so that all of them end together, however large one date is. Pure.
 */
export function shareOut(parts: readonly SweepPart[]): SweepUnit[] {
  const total = sumOf(parts);
  const number = Math.max(1, Math.min(MOST_UNITS, parts.length, Math.ceil(total / WORTH_ITS_OWN)));
  const groups = Array.from({ length: number }, (): SweepPart[] => []);
  for (const part of [...parts].sort((a, b) => b.readUnits - a.readUnits)) leastOf(groups).push(part);
  const weights = groups.map((group) => Math.max(LEAST_SHARE, sumOf(group) / Math.max(1, total)));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  return groups.map((group, i) => ({
    parts: parts.filter((part) => group.includes(part)),
    share: (weights[i] ?? 0) / whole,
  }));
}

function leastOf(groups: readonly SweepPart[][]): SweepPart[] {
  return groups.reduce((least, group) => (sumOf(group) < sumOf(least) ? group : least));
}

function sumOf(parts: readonly SweepPart[]): number {
  return parts.reduce((sum, { readUnits }) => sum + readUnits, 0);
}
