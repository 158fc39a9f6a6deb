import { CLASS_ID } from '../pipeline/failure-class.ts';
import type { Entity } from '../pipeline/record.ts';
import { FAILURE_STATUSES, type FailureStatus } from '../pipeline/record-failure.ts';
import { CLASS_MARK, type CounterChange, type CounterKind, counterPartition } from './counter-kind.ts';

const HOUR = 3_600_000;

/** All classes that are not counted separately. */
export const OTHER_CLASS = 'other';

/** Whether a text is the id of a class, or `other`. */
export function isFailureClass(id: string): boolean {
  return id === OTHER_CLASS || CLASS_ID.test(id);
}

const LETTERS: Readonly<Record<FailureStatus, string>> = { failed: 'f', quarantined: 'q' };
const HELD_LETTERS = Object.values(LETTERS);

/**
 * How many files failed for the same cause, by date and in all: one counter per class; in all, also how often the class was
 * entered in each hour (UTC). A head keeps the class that it is counted in.
 */
export const failureCounts: CounterKind = {
  name: 'f',
  placeOf: ({ entity, status, classId }) => {
    const letter = letterOf(entity, status);
    return letter === undefined || classId === undefined ? undefined : `${letter}${classId}`;
  },
  held({ date_prefix, counted }) {
    const place = counted?.f;
    if (place === undefined) return [];
    const add = { [place.slice(0, 1)]: 1 };
    return [undefined, date_prefix].map((date) => changeOf(date, place.slice(1), add));
  },
  passed: ({ failures = [] }) =>
    failures.map(({ classId, at }) => changeOf(undefined, classId, { e: 1, [hourAttribute(at)]: 1 })),
  isHeld: (part, attribute) => part.startsWith(CLASS_MARK) && HELD_LETTERS.includes(attribute),
};

/** Whether such a head belongs to a class. */
export function hasClass(entity: Entity, status: string): boolean {
  return letterOf(entity, status) !== undefined;
}

function letterOf(entity: Entity, status: string): string | undefined {
  const failed = FAILURE_STATUSES.find((each) => each === status);
  return entity === 'file' && failed ? LETTERS[failed] : undefined;
}

function changeOf(date: string | undefined, classId: string, add: CounterChange['add']): CounterChange {
  return { pk: counterPartition(date), part: `${CLASS_MARK}${classId}`, add };
}

/** The attribute that counts the entries of an hour; short, because every write pays for it. */
function hourAttribute(at: string): string {
  return `h${Math.floor(Date.parse(at) / HOUR).toString(36)}`;
}

/** When the hour of such an attribute began, in milliseconds since the epoch; undefined for any other. */
export function hourOf(attribute: string): number | undefined {
  return HOUR_ATTRIBUTE.test(attribute) ? Number.parseInt(attribute.slice(1), 36) * HOUR : undefined;
}

const HOUR_ATTRIBUTE = /^h[0-9a-z]{1,6}$/;

/** What each class is counted as: itself, or `other`. */
export type ClassPlaces = ReadonlyMap<string, string>;

/** What a class is counted as; an unknown class is counted as itself. */
export function placeOf(places: ClassPlaces, classId: string | undefined): string | undefined {
  return classId === undefined ? undefined : (places.get(classId) ?? classId);
}
