import type { Table } from '../aws/deps.ts';
import { bareName, possibleFileKeys } from '../pipeline/names.ts';
import { type Head, liveStatus } from '../projection/head.ts';
import { readHead } from '../projection/projection-table.ts';
import { SLACK_MILLIS } from './judge-rows.ts';
import type { Source } from './source-name.ts';

/**
 * What the projection knows about a file that has rows, but no record. `expired`: it was completed, and its record has
 * expired since. `leaving`: its record has just gone, and the stream has not shown it yet. `unknown`: neither.
 */
type WithoutRecord = 'expired' | 'leaving' | 'unknown';

/**
 * Looks for the tombstone of a file, which its record leaves for 30 days: one read for a name with a single spelling.
 *
 * @param written when the last of its rows were written, in milliseconds since the epoch: the conversion after which it
 *   was completed wrote its rows before
 */
export async function withoutRecord(
  projection: Table,
  date_prefix: string,
  { name }: Pick<Source, 'name'>,
  written: number,
): Promise<WithoutRecord> {
  for (const file_key of possibleFileKeys(bareName(name))) {
    const head = await readHead(projection, { date_prefix, file_key });
    if (head) return judgeHead(head, written);
  }
  return 'unknown';
}

function judgeHead(head: Head, written: number): WithoutRecord {
  if (liveStatus(head) !== undefined) return head.status === 'completed' ? 'leaving' : 'unknown';
  const last = head.events.findLast(({ status }) => status !== undefined);
  const isExpired = head.events.at(-1)?.event === 'expired' && last?.status === 'completed';
  return isExpired && written <= Date.parse(last.time) + SLACK_MILLIS ? 'expired' : 'unknown';
}
