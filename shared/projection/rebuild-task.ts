import type { TrackingRecord } from '../files/tracking-table.ts';
import type { Decision, HeadTask } from './apply.ts';
import { moveDelta } from './counters.ts';
import type { Head } from './head.ts';
import { replaceHead } from './head-writes.ts';
import { headOfRecord, suffixesOf } from './record-head.ts';

/** What a rebuild did for one record: it never touches a head that is there, not even a tombstone. */
export type Rebuilt = 'inserted' | 'present';

/** The task of giving a record its head if it has none; nothing for a lock. */
export function rebuildTask(table: string, record: TrackingRecord): HeadTask<Rebuilt> | undefined {
  const head = headOfRecord(record);
  if (!head) return undefined;
  const insert: Decision<Rebuilt> = {
    outcome: 'inserted',
    write: {
      datePrefix: head.datePrefix,
      items: replaceHead(table, head, undefined),
      // The files were there before: nothing has arrived.
      delta: moveDelta(head.entity, undefined, head.status, []),
      suffixes: suffixesOf(record),
      asOf: undefined,
    },
  };
  return {
    entity: head.entity,
    datePrefix: head.datePrefix,
    fileKey: head.fileKey,
    blind: () => insert,
    needsPages: () => false,
    decide: (seen: Head | undefined) => (seen ? { outcome: 'present' } : insert),
  };
}
