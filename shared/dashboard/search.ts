import type { Read } from '../page-kit/card.ts';
import { findByPart, type Matches } from '../pipeline/find-by-part.ts';
import { DATE_FORM, dateOfName, firstKnown, keysOfName } from '../pipeline/names.ts';
import { type RecordKey, readRecord } from '../pipeline/tracking-table.ts';
import { latestDates } from '../projection/dates.ts';
import { readHead } from '../projection/projection-table.ts';
import type { FailureSummary } from '../statistics/read-failures.ts';
import { dayOf, resolveDate } from '../text/time.ts';
import { readClasses } from './failures.ts';
import { attempt, knownOf } from './read.ts';
import type { FieldsOf } from './requests.ts';
import type { Source } from './view.ts';

/** What was typed into the search box: a date, the one thing it means, or the choices it may mean. */
export type Found =
  | { readonly kind: 'date'; readonly date: string }
  | { readonly kind: 'file'; readonly key: RecordKey; readonly by: FoundBy }
  | { readonly kind: 'class'; readonly class: string; readonly by: FoundBy }
  | { readonly kind: 'impossible' }
  | { readonly kind: 'choices'; readonly choices: Choices };

/** Whether the full name was given, or names and classes were searched, which takes many reads. */
export type FoundBy = 'name' | 'search';

/** Everything that the typed words may mean, and where they were searched for. */
export interface Choices {
  readonly names: Read<Matches>;
  /** Newest first. */
  readonly dates: readonly string[];
  readonly classes: readonly FailureSummary[];
}

/** Finds what was typed: first as a full name, which takes a read or two, then as part of a name or of a class. */
export async function search(fields: FieldsOf<'find'>, source: Source): Promise<Found> {
  const { now } = source;
  const date = fields.date && resolveDate(fields.date, now);
  const name = fields.name?.trim() ?? '';
  if (name === '') return { kind: 'date', date: date ?? dayOf(now) };
  const day = dayMeant(name, now);
  if (day !== undefined) return { kind: 'date', date: day };
  const keys = keysOfName(name, date, dayOf(now));
  if (keys.length === 0) return { kind: 'impossible' };
  const known = await attempt(source, () => firstKnown(keys, (key) => knownKey(key, source)));
  if (known.kind === 'read' && known.value) return { kind: 'file', key: known.value, by: 'name' };
  return meant(await choicesOf(name, date, source), name);
}

function dayMeant(name: string, now: number): string | undefined {
  const text = name.toLowerCase();
  const isDate = DATE_FORM.test(text) || text === 'today' || text === 'yesterday';
  return isDate ? resolveDate(text, now) : undefined;
}

async function knownKey(key: RecordKey, { tracking, projection }: Source): Promise<RecordKey | undefined> {
  return (await readRecord(tracking, key)) || (await readHead(projection, key)) ? key : undefined;
}

async function choicesOf(name: string, date: string | undefined, source: Source): Promise<Choices> {
  const day = date ?? dateOfName(name);
  const [classes, dates] = await Promise.all([
    readClasses(source),
    day === undefined ? attempt(source, () => latestDates(source.projection, source.now)) : undefined,
  ]);
  const asked = day === undefined ? ((dates && knownOf(dates)) ?? []) : [day];
  return {
    dates: asked,
    names:
      dates?.kind === 'failed'
        ? dates
        : await attempt(source, () => findByPart(source.tracking, name, asked)),
    classes: (knownOf(classes) ?? []).filter((each) => isMeant(each, name)),
  };
}

const SHORTEST_CAUSE = 3;

/** A class matches by a part of its id or text. */
function isMeant({ class: id, text }: FailureSummary, name: string): boolean {
  const part = name.toLowerCase();
  return part.length >= SHORTEST_CAUSE && [id, text].some((each) => each.toLowerCase().includes(part));
}

/** The only match, or all of them as choices. */
function meant(choices: Choices, name: string): Found {
  const { names, classes } = choices;
  const exact = classes.find((each) => each.class === name);
  if (exact) return { kind: 'class', class: exact.class, by: 'search' };
  if (names.kind !== 'read') return { kind: 'choices', choices };
  const { keys, isWhole } = names.value;
  const [key, cause] = [keys[0], classes[0]];
  if (isWhole && keys.length + classes.length === 1) {
    if (key) return { kind: 'file', key, by: 'search' };
    if (cause) return { kind: 'class', class: cause.class, by: 'search' };
  }
  return { kind: 'choices', choices };
}
