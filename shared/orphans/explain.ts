import type { RowsSay } from '../data-proof/explain-rows.ts';
import { hoursInStatus, recordKind } from '../pipeline/record.ts';
import { isInFlight, parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import type { TimelineEvent } from '../projection/transition.ts';
import { countOf } from '../text/number-text.ts';
import { hoursText } from '../text/time-text.ts';
import { type Check, findingOf, loadRest, verdictOf } from './check-record.ts';
import { opening } from './decide-verdict.ts';
import { type Advice, explainFailed } from './explain-failed.ts';
import { explainWaiting } from './explain-pending.ts';
import { describeFacts, type Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { isOver } from './limits.ts';
import type { Evidence, RecommendedChange, Verdict } from './verdict.ts';

/** The explanation of one record, whether anything is wrong with it or not. */
export interface Explanation {
  /** Set when it is an orphan. */
  readonly verdict: Verdict | undefined;
  /** One sentence. */
  readonly summary: string;
  readonly evidence: readonly Evidence[];
  readonly change: RecommendedChange;
}

/** Explains a record that was read consistently, from all the evidence there is. */
export async function explainRecord(check: Check, record: TrackingRecord): Promise<Explanation> {
  const [verdict, waiting] = await Promise.all([verdictOf(check, record), explainWaiting(check, record)]);
  if (typeof verdict === 'object') {
    const { summary, evidence, change } = verdict;
    return { verdict, summary: summary + waiting, evidence, change };
  }
  const facts = await loadRest(check, await factsOf(check, record));
  const { text, change } = verdict === undefined ? explainHealthy(facts, check) : OPEN[verdict];
  const { status } = parseStatus(record.status);
  const summary = `${opening(status, hoursInStatus(facts.record, check.now))}: ${text}.${waiting}`;
  const evidence = describeFacts(facts, check.now);
  return { verdict: undefined, summary, evidence, change };
}

/** For a failed file its manifest matters as well: the error may be there. */
async function factsOf(check: Check, record: TrackingRecord): Promise<Facts> {
  const { facts } = await findingOf(check, record);
  const isFailed = parseStatus(record.status).status === 'failed' && recordKind(record) === 'file';
  return isFailed ? { ...facts, manifest: await check.evidence.manifestOf(record) } : facts;
}

const OPEN: Readonly<Record<Extract<Finding, string>, Advice>> = {
  unknown: {
    text: 'it is unknown whether anything is wrong, because something could not be checked',
    change: 'none',
  },
  age_unknown: {
    text: 'it is unknown whether it is stuck, because its record has no readable time and the projection has none either',
    change: 'none',
  },
  unverifiable: {
    text: 'it can no longer be verified whether it was converted: its manifest has expired, its job left no report, and no output is from the time of the job',
    change: 'none',
  },
};

function explainHealthy(facts: Facts, check: Check): Advice {
  const { limits, graceHours, now } = check;
  const { record, copy } = facts;
  const { status } = parseStatus(record.status);
  const isManifest = recordKind(record) === 'manifest';
  const fine = (text: string): Advice => ({ text, change: 'none' });
  switch (status) {
    case 'pending':
      if (isManifest)
        return fine(`it is waiting for an execution, which may take ${hoursText(limits.manifested)}`);
      return fine(`it is waiting for a builder, which may take ${hoursText(limits.pending)}`);
    case 'manifested':
    case 'processing':
      return fine(isManifest ? 'its job is running' : waitText(facts, check));
    case 'completed':
      if (isManifest) return fine('its job is done');
      if (!isOver(record, graceHours, now)) return fine('it was completed too recently to tell');
      return fine(conversionText(facts));
    case 'failed':
      if (isManifest) return fine('its job failed: look at its files');
      return explainFailed(facts, check);
    case 'quarantined':
      return fine(copy?.found === 'yes' ? 'it was refused, and its copy is kept' : 'it was refused');
    default:
      return fine('unknown status; docs/pipeline.md says which ones a pipeline has');
  }
}

/** What a claimed file is waiting for while nothing is wrong with it: never more than the evidence below it says. */
function waitText({ manifest }: Facts, { graceHours }: Pick<Check, 'graceHours'>): string {
  if (manifest?.name.kind === 'placeholder') return 'its builder is writing the manifest';
  const grace = `anything younger than ${hoursText(graceHours)} may still be in progress`;
  const followed = manifest?.record ?? manifest?.ofDate;
  const status = followed && parseStatus(followed.status).status;
  if (status === 'failed')
    return `the job of its manifest failed, but its own record does not say so; ${grace}`;
  if (status === 'completed')
    return `its manifest is completed, but its own record does not say so; ${grace}`;
  if (manifest?.object?.found !== 'no') return 'its manifest is in progress';
  if (status === 'processing') return 'its job is running; its manifest has been removed since';
  return `its manifest does not exist, and nothing is known about its job; ${grace}`;
}

/** How it is known that a completed file was converted. */
function conversionText(facts: Facts): string {
  const { manifest, report, converted, outputs, rows } = facts;
  if (rows?.is_certain) return rowsText(rows);
  const listed = manifest?.object?.found === 'yes' ? 'its manifest lists it, and ' : '';
  if (converted) {
    const { by, at, records } = converted;
    const rows = records === undefined ? '' : `, with ${countOf(records, 'row')}`;
    return `${listed}its manifest was found converted by ${by === 'report' ? "its job's report" : 'its output'} on ${at}${rows}`;
  }
  if (report?.found === 'yes') {
    const { records } = report.report;
    return `${listed}the report of its job says that it wrote ${records === undefined ? 'output' : countOf(records, 'row')}`;
  }
  if (outputs?.found === 'in_time' && manifest?.object)
    return `${listed}output was written while its job ran`;
  return 'output was written, and its record names no manifest to compare with';
}

function rowsText({ is, says, verified_at }: RowsSay): string {
  const told = says.replace(/\.$/, '').replace(/^It/, 'it');
  if (is === 'twice') return `it was converted more than once: ${told}; verify-data.ts names the surplus`;
  if (is === 'partly') return `not all of it was converted: ${told}`;
  return `${told}, which was read at ${verified_at}`;
}

/**
 * What the timeline says about a record that is gone, as one sentence.
 *
 * @param events in stream order, the removal last
 */
export function explainRemoved(events: readonly TimelineEvent[]): string {
  const end = events.findLast(({ status }) => status === undefined);
  const before = events.findLast(({ status }) => status !== undefined)?.status;
  const how = end?.event === 'expired' ? 'Its record expired' : 'Its record was removed';
  const when = end ? ` at ${end.time}` : '';
  if (before === undefined) return `${how}${when}; its status before that is unknown.`;
  const loss = isInFlight(before) ? ': its data was never converted' : '';
  return `${how}${when} while it was ${before}${loss}.`;
}
