import { countOf } from '../text/number-text.ts';
import { parseStatus } from './status.ts';
import { keyOf, type RecordKey, type TrackingRecord } from './tracking-table.ts';

/** Records of unknown age, which nothing may change because of their age: how many, and the first of them. */
export interface UnknownAges {
  readonly count: number;
  readonly files: readonly (RecordKey & { readonly status: string })[];
}

const MOST_NAMED = 20;

export const NO_UNKNOWN_AGES: UnknownAges = { count: 0, files: [] };

export function addUnknownAge(ages: UnknownAges, record: TrackingRecord): UnknownAges {
  const { status } = parseStatus(record.status);
  return mergeUnknownAges(ages, { count: 1, files: [{ ...keyOf(record), status }] });
}

export function mergeUnknownAges(a: UnknownAges, b: UnknownAges): UnknownAges {
  return { count: a.count + b.count, files: [...a.files, ...b.files].slice(0, MOST_NAMED) };
}

/** A sentence about them for people, which says what was done. */
export function unknownAgesText({ count, files }: UnknownAges): string {
  const [first] = files;
  const example = first ? `, for example ${first.file_key} of ${first.date_prefix}` : '';
  const [its, it] = count === 1 ? ['its', 'It is'] : ['their', 'They are'];
  return `The age of ${countOf(count, 'record')} is unknown${example}: none of ${its} times can be read, and the projection has none either. ${it} left out.`;
}

/** The same as data; nothing where there are none. */
export function shownUnknownAges(ages: UnknownAges) {
  return ages.count > 0 ? { age_unknown: { message: unknownAgesText(ages), ...ages } } : {};
}
