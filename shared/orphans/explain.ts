import { hoursInStatus, recordKind } from '../pipeline/record.ts';
import { isInFlight, parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { TimelineEvent } from '../projection/transition.ts';
import { type Check, findingOf, isOpen, loadRest, verdictOf } from './check-record.ts';
import { opening } from './decide-verdict.ts';
import { explainWaiting } from './explain-pending.ts';
import { describeFacts, type Facts } from './facts.ts';
import { holdReset } from './hold-reset.ts';
import { isOver } from './limits.ts';
import type { Evidence, RecommendedChange, Verdict } from './verdict.ts';

/** What is to be said of one record, whether anything is wrong with it or not. */
export interface Explanation {
  /** Set when it is an orphan. */
  readonly verdict: Verdict | undefined;
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly change: RecommendedChange;
}

/** Explains a record that was read consistently, from all there is to look at. */
export async function explainRecord(check: Check, record: TrackingRecord): Promise<Explanation> {
  const [verdict, waiting] = await Promise.all([verdictOf(check, record), explainWaiting(check, record)]);
  if (verdict && !isOpen(verdict)) {
    const { summary, evidence, change } = verdict;
    return { verdict, summary: summary + waiting, evidence, change };
  }
  const facts = await loadRest(check, (await findingOf(check, record)).facts);
  const { text, change } = verdict ? UNCERTAIN[verdict] : explainHealthy(facts, check);
  const { status } = parseStatus(record.status);
  const summary = `${opening(status, hoursInStatus(facts.record, check.now))}: ${text}.${waiting}`;
  const evidence = describeFacts(facts, check.now);
  return holdReset({ verdict: undefined, summary, evidence, change }, facts, check);
}

interface Advice {
  /** The second half of the sentence. */
  readonly text: string;
  readonly change: RecommendedChange;
}

const UNCERTAIN = {
  unknown: {
    text: 'whether anything is wrong cannot be said, because something could not be looked at',
    change: 'none',
  },
  age_unknown: {
    text: 'whether it is stuck cannot be said, because no record of it has a time that can be read, and the projection does not know either',
    change: 'none',
  },
} as const satisfies Record<string, Advice>;

function explainHealthy(facts: Facts, { limits, graceHours, now }: Check): Advice {
  const { record, manifest, input, copy } = facts;
  const { status } = parseStatus(record.status);
  const isManifest = recordKind(record) === 'manifest';
  const fine = (text: string): Advice => ({ text, change: 'none' });
  switch (status) {
    case 'pending':
      if (isManifest) return fine(`it waits for an execution, which may take ${limits.manifested} hours`);
      return fine(`it waits for a builder, which may take ${limits.pending} hours`);
    case 'manifested':
    case 'processing':
      return fine(isManifest ? 'its job is under way' : 'its manifest is under way');
    case 'completed':
      if (isManifest) return fine('its job is done');
      if (!isOver(record, graceHours, now)) return fine('it is too young to tell');
      return fine(
        manifest?.object
          ? 'its manifest lists it, and output was written while its job ran'
          : 'output was written, and its record names no manifest to compare with',
      );
    case 'failed':
      if (isManifest) return fine('its job failed, and its files are to be looked at');
      return input?.found === 'yes'
        ? { text: 'it is settled; it can be retried once the error is fixed', change: 'reset' }
        : fine('it is settled, and cannot be retried because its input object is gone');
    case 'quarantined':
      return fine(copy?.found === 'yes' ? 'it was refused, and its copy is kept' : 'it was refused');
    default:
      return fine('unknown status');
  }
}

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
