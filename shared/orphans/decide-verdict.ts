import { UNKNOWN_START } from '../pipeline/outputs.ts';
import { creationTime, hoursInStatus, recordKind, valueIn } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { ObjectCheck } from '../pipeline/storage.ts';
import { keyOf, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { describeFacts, type Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { MOST_RESETS } from './limits.ts';
import {
  CAUSE_TEXT,
  type Cause,
  CHANGE_FOR,
  MANIFEST_CAUSE_TEXT,
  type RecommendedChange,
  type Verdict,
} from './verdict.ts';

type Known = Exclude<Finding, string | undefined>;

/** The cause and what to do about it, before they are put into words. */
interface Decided {
  readonly cause: Cause;
  readonly change: RecommendedChange;
  /** What the sentence adds. */
  readonly remark?: string;
}

/**
 * Turns a finding into a verdict, from everything else that is known. A change is only recommended when
 * everything that could speak against it was checked.
 *
 * @param now milliseconds since the epoch
 */
export function decideVerdict({ kind, cause }: Known, facts: Facts, now: number): Verdict {
  const { record } = facts;
  const { status } = parseStatus(record.status);
  const hours = hoursInStatus(record, now);
  const decided = chooseChange(cause, facts, now);
  const texts = isManifest(record) ? MANIFEST_CAUSE_TEXT : CAUSE_TEXT;
  const sentence = `${opening(status, hours)}: ${texts[decided.cause] ?? CAUSE_TEXT[decided.cause]}`;
  return {
    ...keyOf(record),
    kind,
    cause: decided.cause,
    status,
    hours,
    summary: `${sentence}${decided.remark ? `; ${decided.remark}` : ''}.`,
    evidence: describeFacts(facts, now),
    change: decided.change,
  };
}

function chooseChange(cause: Cause, facts: Facts, now: number): Decided {
  const { record, copy } = facts;
  if (isManifest(record)) return { cause, change: 'none' };
  if (copy?.found === 'yes') {
    const created = creationTime(valueIn(record), now);
    if (created === undefined) return unknown(cause, 'its copy in quarantine may be of an earlier upload');
    if (isOfThisUpload(copy, created)) return { cause: 'quarantined', change: 'quarantine' };
  }
  if (cause === 'updater_missed') return chooseByOutput(facts);
  return chooseByInput(cause, facts);
}

/** An updater that missed the file is only half of it when its job has written nothing. */
function chooseByOutput(facts: Facts): Decided {
  const found = facts.outputs?.found ?? 'unknown';
  if (found === 'in_time') {
    const isDated = facts.outputs?.span.from !== UNKNOWN_START;
    if (!isDated)
      return unknown(
        'updater_missed',
        'when its job ran cannot be read, so no output is known to be its own',
      );
    return { cause: 'updater_missed', change: 'advance' };
  }
  if (found === 'unknown') return unknown('updater_missed', 'its output could not be looked at');
  return chooseByInput(found === 'none' ? 'no_output' : 'no_output_in_time', facts);
}

/** Whether the file can be converted again. */
function chooseByInput(cause: Cause, { record, input, copy }: Facts): Decided {
  const change = CHANGE_FOR[cause];
  if (change === 'none' && cause !== 'not_taken') return { cause, change };
  if (copy?.found === 'unknown') return unknown(cause, 'the quarantine bucket could not be looked at');
  if (input?.found === 'unknown') return unknown(cause, 'its input object could not be looked at');
  if (input?.found === 'no') {
    return cause === 'not_taken'
      ? { cause: 'input_missing', change: 'fail' }
      : { cause, change: 'fail', remark: CAUSE_TEXT.input_missing };
  }
  const resets = Number(record.reset_count ?? 0);
  if (change === 'reset' && resets >= MOST_RESETS) {
    return { cause, change: 'quarantine', remark: `it was reset ${resets} times already` };
  }
  return { cause, change };
}

function unknown(cause: Cause, remark: string): Decided {
  return { cause, change: 'none', remark };
}

/** A copy from before this record tells of an earlier file of the same name. */
function isOfThisUpload(copy: Extract<ObjectCheck, { found: 'yes' }>, created: string): boolean {
  return copy.modified >= Date.parse(created) - CLOCK_SKEW_MILLIS;
}

const CLOCK_SKEW_MILLIS = 60_000;

function isManifest(record: TrackingRecord): boolean {
  return recordKind(record) === 'manifest';
}

/** The first half of a sentence about a record. */
export function opening(status: string, hours: number | undefined): string {
  const name = status.charAt(0).toUpperCase() + status.slice(1);
  return hours === undefined ? `${name}, age unknown` : `${name} for ${hours} hours`;
}
