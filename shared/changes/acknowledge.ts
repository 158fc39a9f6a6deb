import { parseStatus } from '../pipeline/status.ts';
import type { RawAttributes } from '../pipeline/tracking-table.ts';
import { recordOf } from '../pipeline/tracking-table.ts';
import { versionOf } from '../pipeline/version.ts';
import { forgetChanged } from '../reports/acknowledged-files.ts';
import {
  type AboutClass,
  type AboutFile,
  type Acknowledgement,
  aboutOf,
  aboutText,
  forgetAcknowledgement,
  isOfClass,
  keepAcknowledgement,
  LONGEST_DAYS,
  MOST_ACKNOWLEDGEMENTS,
  readAcknowledgements,
} from '../reports/acknowledgements.ts';
import { grouped } from '../text/number-text.ts';
import { field, Refused } from '../text/refused.ts';
import { addDays, dayOf, isCalendarDate, isoTime } from '../text/time.ts';
import type { ChangeDeps, ChangeRequest } from './context.ts';
import { noteWord } from './note-word.ts';

type AckDeps = Pick<ChangeDeps, 'tracking' | 'projection' | 'now'>;

/**
 * The acknowledgement that would be made. A file is acknowledged as its record is now: the first change of it ends
 * that.
 *
 * @param record of the file, in its raw form
 * @param lastDay the last day of the acknowledgement, YYYY-MM-DD (UTC)
 * @throws Refused when that is not a day from today on, or too far ahead
 */
export function planAcknowledgement(
  about: AboutClass | (AboutFile & { readonly record: RawAttributes }),
  lastDay: string,
  { id, actor, reason }: ChangeRequest,
  now: number,
): Acknowledgement {
  const word = {
    reason,
    actor: actor.identity,
    at: isoTime(now),
    until: isoTime(Date.parse(checkedDay(lastDay, now)) + DAY_MILLIS),
    changeId: id,
  };
  if (isOfClass(about)) return { class: about.class, ...word };
  const { record, ...file } = about;
  const { status } = parseStatus(recordOf(record).status);
  return { ...file, ...word, version: versionOf(record), status };
}

const DAY_MILLIS = 86_400_000;

function checkedDay(day: string, now: number): string {
  const today = dayOf(now);
  const last = addDays(today, LONGEST_DAYS);
  if (isCalendarDate(day) && day >= today && day <= last) return day;
  throw new Refused(
    'INVALID_INPUT',
    `Received ${day}, allowed: a day from ${today} to ${last}, which is ${LONGEST_DAYS} days ahead.`,
    `Give another ${field('until')}. It can be acknowledged again later.`,
  );
}

/**
 * Acknowledges it, after recording who does so, and why, among the changes.
 *
 * @throws Refused when the maximum number of acknowledgements is active
 */
export async function acknowledge(
  deps: AckDeps,
  origin: string,
  planned: Acknowledgement,
  request: ChangeRequest,
): Promise<void> {
  await requireRoom(deps, planned);
  await noteWord(deps, origin, request, `${aboutText(planned)} until ${planned.until}`);
  await keepAcknowledgement(deps.projection, planned);
}

/** Acknowledgements that a change of their file has ended make room for new ones. */
async function requireRoom(deps: AckDeps, planned: Acknowledgement): Promise<void> {
  const others = (await readAcknowledgements(deps.projection, deps.now)).filter(
    (each) => aboutText(each) !== aboutText(planned),
  );
  if (others.length < MOST_ACKNOWLEDGEMENTS) return;
  if ((await forgetChanged(deps, others)) > 0) return;
  throw new Refused(
    'TOO_MANY_ACKNOWLEDGEMENTS',
    `${grouped(MOST_ACKNOWLEDGEMENTS)} acknowledgements are active, which is the maximum.`,
    'Lift some, or acknowledge the class of failures instead of its files.',
  );
}

/**
 * Lifts an acknowledgement before it ends.
 *
 * @throws Refused when there is none
 */
export async function liftAcknowledgement(
  deps: AckDeps,
  origin: string,
  about: AboutFile | AboutClass,
  request: ChangeRequest,
): Promise<void> {
  const isThere = (await readAcknowledgements(deps.projection, deps.now)).some(
    (each) => aboutText(each) === aboutText(about),
  );
  if (!isThere) throw notAcknowledged(about);
  await noteWord(deps, origin, request, aboutText(about));
  await forgetAcknowledgement(deps.projection, aboutOf(about));
}

function notAcknowledged(about: AboutFile | AboutClass): Refused {
  return new Refused(
    'ACKNOWLEDGEMENT_NOT_FOUND',
    `Nothing acknowledges ${aboutText(about)}.`,
    `List the acknowledgements (acknowledge.ts, list_acknowledgements); one of a single kind of finding is lifted with its ${field('kind')}.`,
  );
}
