import type { Deps, Table } from '../aws/deps.ts';
import { readChange } from '../changes/change-table.ts';
import { type Limits, limitsOfProfile } from '../orphans/limits.ts';
import { readCounters } from '../projection/counter-items.ts';
import { readClassText, readKnownClasses } from '../projection/known-classes.ts';
import { readAcknowledgedClasses } from '../reports/acknowledgements.ts';
import { forgetNoted, type NotedItem, readNoted } from '../reports/noted.ts';
import { readAgedCounters } from '../statistics/aged-counters.ts';
import { countOverdue } from '../statistics/overdue.ts';
import { readEntered, readSamples } from '../statistics/read-failures.ts';
import type { OutletState, Seen, SeenFact } from './look.ts';
import type { NoticeData } from './notice.ts';
import type { SettledCounts } from './wave.ts';

export type SeeDeps = Pick<Deps, 'tracking' | 'projection' | 'profile' | 'now'> & {
  readonly environment: string;
};

/** What was seen, and the noted facts that it includes. */
export interface Sight {
  readonly seen: Seen;
  readonly taken: readonly NotedItem[];
}

// Everything that waits is in one item, of at most 400 KB; the next run takes what is beyond these limits.
const MOST_NEW = 20;
const MOST_WAITING = 40;

/** Reads what notices are made of: about five read units if nothing is new. */
export async function see(deps: SeeDeps, before: OutletState | undefined): Promise<Sight> {
  const { projection, environment, now, profile } = deps;
  const limits: Limits = limitsOfProfile(profile);
  // While the bus accepts nothing, new facts stay where they are.
  const room = (before?.waiting.length ?? 0) < MOST_WAITING ? MOST_NEW : 0;
  const known = await readAcknowledgedClasses(projection, now);
  const [overdue, settled, classes, { facts, taken }] = await Promise.all([
    readAgedCounters(projection, undefined, limits, now).then((counters) =>
      countOverdue(deps, limits, counters),
    ),
    readSettled(projection, known),
    readNewClasses(projection, before?.classes, known, room),
    readFacts(projection, room, now),
  ]);
  return {
    seen: { environment, now, classes, limits, overdue, settled, facts, hasRoom: room > 0 },
    taken,
  };
}

/** Deletes noted facts once their notices are stored. */
export async function forgetTaken({ projection }: SeeDeps, taken: readonly NotedItem[]): Promise<void> {
  await Promise.all(taken.map((item) => forgetNoted(projection, item)));
}

// Each look keeps a number for each of them for ten minutes.
const MOST_KNOWN = 50;

async function readSettled(table: Table, known: ReadonlySet<string>): Promise<SettledCounts> {
  const [{ arrivals }, entered] = await Promise.all([
    readCounters(table, undefined, 'eventual'),
    readEntered(table, new Set([...known].slice(0, MOST_KNOWN))),
  ]);
  const { completed, failed, quarantined } = arrivals.file;
  const settled = { settled: completed + failed + quarantined, failed: failed + quarantined };
  return known.size === 0 ? settled : { ...settled, known: entered };
}

/**
 * @param told undefined at the first look, when all count as known
 * @param acknowledged these get no notice; a new class gets one once it is no longer acknowledged
 */
async function readNewClasses(
  table: Table,
  told: readonly string[] | undefined,
  acknowledged: ReadonlySet<string>,
  most: number,
) {
  const classes = new Map<string, NoticeData<'class-appeared'> | undefined>();
  for (const id of await readKnownClasses(table)) classes.set(id, undefined);
  const isFresh = (id: string) => told !== undefined && !told.includes(id) && !acknowledged.has(id);
  const fresh = [...classes.keys()].filter(isFresh).slice(0, most);
  await Promise.all(fresh.map(async (id) => classes.set(id, await readClass(table, id))));
  return classes;
}

/** Undefined for a class whose text does not exist yet: its notice follows when it does. */
async function readClass(table: Table, id: string): Promise<NoticeData<'class-appeared'> | undefined> {
  const about = await readClassText(table, id);
  if (!about) return undefined;
  const samples = await readSamples(table, id);
  return {
    ...{ class: id, text: about.text, first_seen: about.first },
    samples: samples.map(({ date_prefix, file_key }) => ({ date_prefix, file_key })),
  };
}

/** What can be taken now. Changes and audits that are not done yet hold nothing back: some are never resumed. */
async function readFacts(
  table: Table,
  most: number,
  now: number,
): Promise<{ facts: SeenFact[]; taken: NotedItem[] }> {
  const facts: SeenFact[] = [];
  const taken: NotedItem[] = [];
  let after: string | undefined;
  while (taken.length < most) {
    const noted = await readNoted(table, most, after);
    const seen = await Promise.all(noted.map((item) => seenFact(table, item, now)));
    for (const [i, item] of noted.entries()) {
      const fact = seen[i];
      if (fact === 'not yet' || taken.length === most) continue;
      taken.push(item);
      if (fact) facts.push(fact);
    }
    if (noted.length < most) break;
    after = noted.at(-1)?.id;
  }
  return { facts, taken };
}

/**
 * A change gets a notice once it is done; never if it was closed or its id does not exist. Drift gets one once its audit
 * is done, or cannot be resumed any more.
 */
async function seenFact(
  table: Table,
  { id, at, noted }: NotedItem,
  now: number,
): Promise<SeenFact | 'not yet' | undefined> {
  if (noted.kind === 'lost') return { id, at, ...noted };
  if (noted.kind === 'drift') {
    const { open_until = 0, ...drift } = noted;
    return open_until > now ? 'not yet' : { id, at, ...drift };
  }
  const change = await readChange(table, noted.change_id);
  if (!change || change.state === 'closed') return undefined;
  return change.state === 'done' ? { id, at, kind: 'change', change } : 'not yet';
}
