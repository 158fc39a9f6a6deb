import type { Table } from '../aws/deps.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import {
  addUnknownAge,
  mergeUnknownAges,
  NO_UNKNOWN_AGES,
  type UnknownAges,
  unknownAgesText,
} from '../pipeline/unknown-ages.ts';
import { eachOlder, eachWithHeadTime } from '../projection/known-age.ts';

/** Collects the records of unknown age that a command leaves out, and names them once at its end. */
export function unknownAges() {
  let ages = NO_UNKNOWN_AGES;
  const onAgeUnknown = (record: TrackingRecord): void => {
    ages = addUnknownAge(ages, record);
  };
  return {
    onAgeUnknown,
    add(more: UnknownAges): void {
      ages = mergeUnknownAges(ages, more);
    },
    /**
     * A listing with the times of heads where records have none.
     *
     * @param olderThan in milliseconds: only records in their status for longer than this
     */
    older(
      projection: Table,
      records: AsyncIterable<TrackingRecord>,
      { olderThan, now }: { readonly olderThan: number | undefined; readonly now: number },
    ): AsyncIterable<TrackingRecord> {
      if (olderThan === undefined) return eachWithHeadTime(projection, records, now);
      return eachOlder(projection, records, { sinceBefore: now - olderThan, now, onAgeUnknown });
    },
    note(note: (text: string) => void): void {
      if (ages.count > 0) note(unknownAgesText(ages));
    },
  };
}
