import { isCertainlyLost, isProvedLost } from '../data-proof/explain-rows.ts';
import { realName } from '../pipeline/names.ts';
import { UNKNOWN_START } from '../pipeline/outputs.ts';
import { creationTime, hoursInStatus, recordKind, valueIn } from '../pipeline/record.ts';
import { nameObstacle } from '../pipeline/retryable.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { ObjectCheck } from '../pipeline/storage.ts';
import { keyOf, type TrackingRecord } from '../pipeline/tracking-table.ts';
import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import { commandText } from '../text/shell-text.ts';
import { hoursText } from '../text/time-text.ts';
import { adviseOnExecution } from './execution-advice.ts';
import { describeFacts, type Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { MOST_RESETS } from './limits.ts';
import { areAllRowsThere, areRowsThere, countLinesText, isProvedMissing } from './rows.ts';
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

/** What a verdict depends on besides the facts. */
export interface VerdictRules {
  readonly profile: Pick<PipelineProfile, 'builder' | 'limits'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Turns a finding into a verdict, from everything else that is known. A change is only recommended if everything that
 * could speak against it was checked.
 */
export function decideVerdict({ kind, cause }: Known, facts: Facts, rules: VerdictRules): Verdict {
  const { record } = facts;
  const { status } = parseStatus(record.status);
  const hours = hoursInStatus(record, rules.now);
  const decided = chooseChange(cause, facts, rules);
  const { first, commands } = adviseOnExecution(facts, decided.change, rules);
  const texts = isManifest(record) ? MANIFEST_CAUSE_TEXT : CAUSE_TEXT;
  return {
    ...keyOf(record),
    kind,
    cause: decided.cause,
    status,
    hours,
    summary: `${remarks(`${opening(status, hours)}: ${texts[decided.cause] ?? CAUSE_TEXT[decided.cause]}`, decided.remark, first)}.`,
    evidence: describeFacts(facts, rules.now),
    change: decided.change,
    ...(first !== undefined && { needs_force: true }),
    ...(isProvedLost(facts.rows, rules.now) && { proved_lost: true }),
    ...(commands.length > 0 && { commands }),
  };
}

function remarks(...texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text).join('; ');
}

function chooseChange(cause: Cause, facts: Facts, rules: VerdictRules): Decided {
  if (isManifest(facts.record)) return { cause, change: 'none' };
  const byConversion = chooseByConversion(cause, facts, rules);
  const byCopy = chooseByCopy(cause, facts, rules);
  if (!byCopy) return byConversion;
  const isConverted = byConversion.change === 'advance' || areRowsThere(facts, rules.now);
  return isConverted ? { ...byConversion, remark: remarks(byConversion.remark, OTHER_COPY) } : byCopy;
}

const OTHER_COPY = 'what was converted was not refused, so the copy in quarantine is of another upload';

function chooseByCopy(cause: Cause, { record, copy }: Facts, { now }: VerdictRules): Decided | undefined {
  if (copy?.found !== 'yes') return undefined;
  const created = creationTime(valueIn(record), now);
  if (created === undefined) return unknown(cause, 'its copy in quarantine may be from an earlier upload');
  return isOfThisUpload(copy, created) ? { cause: 'quarantined', change: 'quarantine' } : undefined;
}

function chooseByConversion(cause: Cause, facts: Facts, rules: VerdictRules): Decided {
  if (isProvedLost(facts.rows, rules.now)) return chooseByInput(cause, facts, rules, 'reset');
  if (cause === 'no_rows' && isCertainlyLost(facts.rows)) return unknown(cause, readAgainText(facts.record));
  if (cause === 'updater_missed' || cause === 'rows_in_output') {
    if (areRowsThere(facts, rules.now)) return chooseByRows(cause, facts, rules);
    if (isProvedMissing(facts, rules.now)) return chooseByInput('no_rows', facts, rules);
  }
  if (cause === 'updater_missed') return chooseByOutput(facts, rules);
  if (cause === 'no_output') return chooseByPlace(facts, rules);
  if (cause === 'failed_unnoticed') return chooseByRun(facts, rules);
  return chooseByInput(cause, facts, rules);
}

/** One row shows that a job had the file, but not that it wrote all of it; output and report may show that. */
function chooseByRows(cause: Cause, facts: Facts, rules: VerdictRules): Decided {
  const hasFailed = facts.report?.found === 'yes' && facts.report.report.result === 'failed';
  if (areAllRowsThere(facts))
    return hasFailed
      ? unknown(cause, 'an earlier job wrote them, and the last one failed')
      : { cause, change: 'advance' };
  const byOutput = cause === 'updater_missed' ? chooseByOutput(facts, rules) : undefined;
  return byOutput?.change === 'advance' ? byOutput : unknown(cause, countLinesText(facts.record));
}

function readAgainText({ date_prefix }: TrackingRecord): string {
  const command = commandText('verify-data', [date_prefix, '--keep']);
  return `the output was read more than 48h ago: run \`${command}\`, and check again`;
}

/** If the job has written nothing, that the updater missed the file is only half of the problem. */
function chooseByOutput(facts: Facts, rules: VerdictRules): Decided {
  const found = facts.outputs?.found ?? 'unknown';
  const isReported = facts.report?.found === 'yes' && facts.report.report.result === 'converted';
  if (isReported && found !== 'none' && found !== 'at_other_times')
    return { cause: 'updater_missed', change: 'advance' };
  if (found === 'in_time') {
    const isDated = facts.outputs?.span.from !== UNKNOWN_START;
    if (!isDated)
      return unknown(
        'updater_missed',
        'the time of its job cannot be read, so no output can be attributed to it',
      );
    return { cause: 'updater_missed', change: 'advance' };
  }
  if (found === 'unknown') return unknown('updater_missed', 'its output could not be checked');
  return found === 'none' ? chooseByPlace(facts, rules) : chooseByInput('no_output_in_time', facts, rules);
}

/** Where this pipeline has never written anything, an empty folder says nothing about a job. */
function chooseByPlace(facts: Facts, rules: VerdictRules): Decided {
  if (facts.outputPlace === 'used') return chooseByInput('no_output', facts, rules);
  return unknown(
    'no_output',
    facts.outputPlace === 'unused'
      ? 'there is no output of any other date either, so it may be elsewhere: set pipeline.outputs.prefixes in settings.ENV.json'
      : 'whether other output is there could not be checked',
  );
}

/** A job that failed may have been run again with success; its report may have been lost. */
function chooseByRun(facts: Facts, rules: VerdictRules): Decided {
  const { record, manifest, outputs, report } = facts;
  const ran = report?.found === 'yes' ? report.report.runId : undefined;
  const isThisRun =
    ran !== undefined && [record.glue_job_run_id, manifest?.record?.glue_job_run_id].includes(ran);
  if (isThisRun || outputs?.found === 'none' || outputs?.found === 'at_other_times')
    return chooseByInput('failed_unnoticed', facts, rules);
  return unknown(
    'failed_unnoticed',
    'there is output from that time, which may be from another run of the job',
  );
}

/** Whether the file can be converted again. */
function chooseByInput(
  cause: Cause,
  { record, input, copy }: Facts,
  { profile }: VerdictRules,
  change = CHANGE_FOR[cause],
): Decided {
  if (change === 'none' && cause !== 'not_taken') return { cause, change };
  if (copy?.found === 'unknown') return unknown(cause, 'the quarantine bucket could not be checked');
  if (input?.found === 'unknown') return unknown(cause, 'its input object could not be checked');
  if (input?.found === 'no') {
    return cause === 'not_taken'
      ? { cause: 'input_missing', change: 'fail' }
      : { cause, change: 'fail', remark: CAUSE_TEXT.input_missing };
  }
  if (nameObstacle(record, profile)) return { cause, change: 'quarantine', remark: unreadable(record) };
  const resets = Number(record.reset_count ?? 0);
  if (change === 'reset' && resets >= MOST_RESETS) {
    return { cause, change: 'quarantine', remark: `it has already been reset ${resets} times` };
  }
  return { cause, change };
}

/** Why a job fails on a file with this name, and what to do. */
export function unreadable({ file_key }: TrackingRecord): string {
  const signs = [...new Set(realName(file_key).replace(/[A-Za-z0-9._-]/g, ''))].slice(0, 3);
  const named =
    signs.length > 0 ? `with ${signs.map((sign) => `"${sign}"`).join(' and ')}` : 'in such a folder';
  return `the job cannot read a name ${named}: upload the file again under a plain name`;
}

function unknown(cause: Cause, remark: string): Decided {
  return { cause, change: 'none', remark };
}

/** A copy from before this record belongs to an earlier file of the same name. */
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
  return hours === undefined ? `${name}, age unknown` : `${name} for ${hoursText(hours)}`;
}
