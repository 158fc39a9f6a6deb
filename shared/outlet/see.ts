import type { Deps, Table } from '../aws/deps.ts';
import { readChange } from '../changes/change-table.ts';
import { type Limits, limitsOfProfile } from '../orphans/limits.ts';
import { readAcknowledgedClasses } from '../projection/acknowledgements.ts';
import { readAgedCounters } from '../projection/aged-counters.ts';
import { readCounters } from '../projection/counter-items.ts';
import { readClassText, readKnownClasses } from '../projection/known-classes.ts';
import { forgetNoted, type NotedItem, readNoted } from '../projection/noted.ts';
import { countOverdue } from '../projection/overdue.ts';
import { readEntered, readSamples } from '../projection/read-failures.ts';
import type { OutletState, Seen, SeenFact } from './look.ts';
import type { NoticeData } from './notice.ts';
import type { SettledCounts } from './wave.ts';

export type SeeDeps = Pick<Deps, 'tracking' | 'projection' | 'profile' | 'now'> & {
  readonly environment: string;
};

/** What is seen, and what of it was noted and is taken by that. */
export interface Sight {
  readonly seen: Seen;
  readonly taken: readonly string[];
}

// All that waits is one item, of 400 KB: of more than so much the next look tells.
const MOST_NEW = 20;
const MOST_WAITING = 40;

/** Reads what notices are made of: some five read units where nothing is new. */
export async function see(deps: SeeDeps, before: OutletState | undefined): Promise<Sight> {
  const { projection, environment, now, profile } = deps;
  const limits: Limits = limitsOfProfile(profile);
  // While the bus takes nothing, what is new stays where it is.
  const room = (before?.waiting.length ?? 0) < MOST_WAITING ? MOST_NEW : 0;
  const known = await readAcknowledgedClasses(projection, now);
  const [overdue, settled, classes, noted] = await Promise.all([
    readAgedCounters(projection, undefined, limits, now).then((counters) =>
      countOverdue(deps, limits, counters),
    ),
    readSettled(projection, known),
    readNewClasses(projection, before?.classes, known, room),
    room > 0 ? readNoted(projection, room) : [],
  ]);
  const facts = await Promise.all(noted.map((item) => seenFact(projection, item)));
  return {
    seen: {
      ...{ environment, now, classes, limits, overdue, settled, hasRoom: room > 0 },
      facts: facts.flatMap((fact) => (typeof fact === 'object' ? [fact] : [])),
    },
    taken: noted.flatMap(({ id }, i) => (facts[i] === 'not yet' ? [] : [id])),
  };
}

/** Forgets what was noted, once the notices of it are kept. */
export async function forgetTaken({ projection }: SeeDeps, taken: readonly string[]): Promise<void> {
  await Promise.all(taken.map((id) => forgetNoted(projection, id)));
}

// Each look keeps a number of each of them for ten minutes.
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
 * @param told undefined at the first look: then all are known
 * @param acknowledged nothing is told of these; what is new for all that is told once they are not
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

/** Undefined for a class whose text is not there yet: it is told when it is. */
async function readClass(table: Table, id: string): Promise<NoticeData<'class-appeared'> | undefined> {
  const about = await readClassText(table, id);
  if (!about) return undefined;
  const samples = await readSamples(table, id);
  return {
    ...{ class: id, text: about.text, first_seen: about.first },
    samples: samples.map(({ date_prefix, file_key }) => ({ date_prefix, file_key })),
  };
}

/** A change that is not done is told of when it is; one that was closed, or is of no such id, never. */
async function seenFact(
  table: Table,
  { id, at, noted }: NotedItem,
): Promise<SeenFact | 'not yet' | undefined> {
  if (noted.kind !== 'change') return { id, at, ...noted };
  const change = await readChange(table, noted.change_id);
  if (!change || change.state === 'closed') return undefined;
  return change.state === 'done' ? { id, at, kind: 'change', change } : 'not yet';
}
