import type { Deps } from '../aws/deps.ts';
import { countPending, type PickupRules, pickupOf, pickupText } from '../pipeline/pickup.ts';
import { recordKind } from '../pipeline/record.ts';
import { nameObstacle } from '../pipeline/retryable.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { readSuffixes } from '../projection/counter-items.ts';
import { dayOf } from '../text/time.ts';

/** What a pending file is waiting for, as sentences that follow its summary; empty for any other record. */
export async function explainWaiting(
  deps: Pick<Deps, 'tracking' | 'projection' | 'profile' | 'now'>,
  record: TrackingRecord,
): Promise<string> {
  if (recordKind(record) !== 'file' || parseStatus(record.status).status !== 'pending') return '';
  const isToday = record.date_prefix === dayOf(deps.now);
  const pending = isToday ? await pendingOf(record.date_prefix, deps) : 0;
  return ` ${waitingText(record, pending, deps)}`;
}

async function pendingOf(
  date: string,
  { tracking, projection, profile }: Pick<Deps, 'tracking' | 'projection' | 'profile'>,
): Promise<number> {
  const suffixes = await readSuffixes(projection);
  return countPending(tracking, date, suffixes, profile);
}

/**
 * The same, from what is known. Pure.
 *
 * @param pending how many files of its date are pending; needed for today only
 */
export function waitingText(record: TrackingRecord, pending: number, rules: PickupRules): string {
  const unreadable = nameObstacle(record, rules.profile);
  if (unreadable) return `No builder should take it: ${unreadable.sentence}.`;
  const isTaken = pickupOf(record.date_prefix, pending, rules) === 'at the next upload';
  const when = isTaken
    ? 'The builder does not wake by itself: the next upload wakes it, or wake-builder.ts does'
    : capital(pickupText(record.date_prefix, pending, rules));
  return `${when}.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
