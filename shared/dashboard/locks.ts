import { card, cutNote, cutRows, emptyCard, type Read, shown } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { asOf, moment } from '../page-kit/moment.ts';
import { type Lock, lockFacts, readLocks } from '../pipeline/locks.ts';
import { DATE_FORM } from '../pipeline/names.ts';
import { listDates } from '../projection/dates.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { addDays, datesBetween, dayOf, isoTime } from '../text/time.ts';
import { shortened } from '../text/visible-text.ts';
import type { Exported } from './exported.ts';
import { exportLinks } from './list-commands.ts';
import { attempt } from './read.ts';
import { runbookCommand } from './runbook.ts';
import type { Source, View, ViewContext } from './view.ts';

/** The builders' locks on some dates. */
export interface Locks {
  readonly found: readonly Lock[];
  /** How many dates have files. */
  readonly known: number;
}

/** Which builder works on which date. */
export const locks: View<'locks', Read<Locks>> = {
  tab: 'Manifests',
  read: (_, source) => attempt(source, () => readAsked(source)),
  draw: (read, context) => shown('Locks', read, (value) => lockCard(value, context)),
  export: async (_, source) => exportedLocks(await readAsked(source), source.now),
};

async function readAsked({ projection, tracking, now }: Source): Promise<Locks> {
  const known = await listDates(projection);
  return { found: await readLocks(tracking, datesAsked(known, now)), known: known.length };
}

/** As the runbook `locks` has them. */
function exportedLocks({ found, known }: Locks, now: number): Exported {
  return {
    columns: ['state', 'date', 'holder', 'since', 'expires'],
    rows: found.map((lock) => {
      const facts = lockFacts(lock, now);
      const { date, state, holder, since, expires } = facts;
      return { cells: [state, date, holder, since, expires], record: { ...facts, record: lock.record } };
    }),
    ...(known > MOST_KNOWN && { missing: 'unknown' }),
  };
}

const DAYS_AROUND = 2;
// Each date costs two reads; a lock lives for minutes.
const MOST_KNOWN = 10;

/** The newest dates with files, and those around today: a lock may be there before the first file is. */
function datesAsked(known: readonly string[], now: number): string[] {
  const around = datesBetween(addDays(dayOf(now), -DAYS_AROUND), addDays(dayOf(now), DAYS_AROUND));
  return [...new Set([...known.slice(-MOST_KNOWN), ...around])].sort().reverse();
}

function lockCard({ found, known }: Locks, context: ViewContext): Html {
  const { now, environment } = context;
  const which = known > MOST_KNOWN ? `the newest ${MOST_KNOWN} of ${countOf(known, 'date')}` : 'every date';
  const asked = html`searched: ${which} with files, and the days around today, ${asOf(isoTime(now), now)}`;
  const all = html`<p>To list the locks of all dates; it can also clear expired ones:</p>${runbookCommand(environment, 'locks')}`;
  if (found.length === 0) return emptyCard('Locks', html`No builder holds a lock; ${asked}.`, all);
  const { rows, left } = cutRows(found.map((lock) => lockRow(lock, context)));
  return card(
    'Locks',
    html`<p class="sm-dim">A builder locks a date while it makes the date's manifests. An expired lock blocks nobody: the next builder takes it over.</p><table class="sm-table"><thead><tr><th>state</th><th>date</th><th class="sm-wide">holder</th><th>since</th><th>expires</th></tr></thead><tbody>${rows}</tbody></table>${cutNote(left, 'locks')}${all}${exportLinks({ to: { view: 'locks' }, text: `the ${grouped(found.length)} found here` }, { name: 'locks', args: [] }, context)}`,
    asked,
  );
}

function lockRow(lock: Lock, { now, navigation }: ViewContext): Html {
  const { date, state, holder = 'unknown', since, expires } = lockFacts(lock, now);
  return html`<tr><td class="${state === 'held' ? '' : 'sm-dim'}">${state}</td><td class="sm-nowrap">${DATE_FORM.test(date) ? navigation.link(date, { view: 'files', date }) : shortened(date, 60)}</td><td class="sm-wide"><span class="sm-name">${shortened(holder, 200)}</span></td><td class="sm-nowrap">${since ? moment(since, now) : dim('unknown')}</td><td class="sm-nowrap">${expires === undefined ? dim('never') : moment(expires, now)}</td></tr>`;
}

function dim(text: string): Content {
  return html`<span class="sm-dim">${text}</span>`;
}
