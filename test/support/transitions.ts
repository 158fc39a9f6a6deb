import { type Folded, fold } from '../../shared/projection/fold.ts';
import { parseStreamRecord } from '../../shared/projection/stream-record.ts';
import type { Transition } from '../../shared/projection/transition.ts';

/** The transitions in stream records; records without a transition are left out. */
export function transitionsOf(records: readonly unknown[]): Transition[] {
  return records.flatMap((record) => {
    const parsed = parseStreamRecord(record);
    return parsed.kind === 'transition' ? [parsed.transition] : [];
  });
}

/** The fold of records that are all of one file. */
export function foldOf(...records: readonly unknown[]): Folded {
  const [only, ...others] = fold(transitionsOf(records));
  if (!only || others.length > 0) throw new Error('the records are not of exactly one file');
  return only;
}
