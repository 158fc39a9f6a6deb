import { isInFlight } from '../files/status.ts';
import type { TimelineEvent } from '../projection/transition.ts';

/**
 * What the timeline tells of a record that is gone, as one sentence.
 *
 * @param events in stream order, the removal last
 */
export function explainRemoved(events: readonly TimelineEvent[]): string {
  const end = events.findLast(({ status }) => status === undefined);
  const before = events.findLast(({ status }) => status !== undefined)?.status;
  const how = end?.event === 'expired' ? 'Its time was up' : 'Its record was removed';
  const when = end ? ` at ${end.time}` : '';
  if (before === undefined) return `${how}${when}; what it was before is not known.`;
  const loss = isInFlight(before) ? ': its data was never converted' : '';
  return `${how}${when} while it was ${before}${loss}.`;
}
