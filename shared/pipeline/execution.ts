import type { PipelineProfile } from '../settings/pipeline-profile.ts';
import type { ManifestName } from './manifest.ts';
import { hoursInStatus } from './record.ts';
import { parseStatus } from './status.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** What shows whether the execution of a claimed file has ended. */
export interface ExecutionFacts {
  /** What the file's record says of its manifest. */
  readonly name: ManifestName;
  /**
   * The manifest's own record: `MANIFEST#…`, or the one that an older pipeline keeps for each date, under the key
   * `MANIFEST`. Undefined when there is none.
   */
  readonly manifest: TrackingRecord | undefined;
  /** The report that a job leaves at its end, where one for this manifest was found. A missing one proves nothing. */
  readonly report?: { readonly status?: string | undefined } | undefined;
  /** The manifest's object was looked for and does not exist: a job that has not read it by now never will. */
  readonly isMissing?: boolean | undefined;
}

/** Whether it is proved that nothing is converting a file any more. */
export type ExecutionState =
  | { readonly ended: true; readonly because: string }
  | {
      readonly ended: false;
      readonly because: string;
      /** What to do before the file is reset, as the end of a sentence. */
      readonly first: string;
      readonly execution_arn?: string | undefined;
    };

/**
 * The one record that older builders keep for the manifests of a date, if it is about this manifest's execution. All
 * executions of the date write its status, so it cannot prove that any of them has ended. But while it is processing
 * and names this manifest, a job may be running.
 */
export function runningOfDate(ofDate: TrackingRecord | undefined, key: string): TrackingRecord | undefined {
  const isRunning = ofDate && parseStatus(ofDate.status).status === 'processing' && isAbout(ofDate, key);
  return isRunning ? ofDate : undefined;
}

/** What ages are compared with. */
export interface ExecutionRules {
  readonly profile: Pick<PipelineProfile, 'limits'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Whether the execution of a manifested or processing file has ended, or never began. Only what is proved counts:
 * the manifest's record is written after the execution was started, so its `pending` can also mean "running", and
 * a job may run for days. Pure.
 */
export function executionEnded(
  record: TrackingRecord,
  { name, manifest, report, isMissing }: ExecutionFacts,
  rules: ExecutionRules,
): ExecutionState {
  if (report) return ended('its job has left a report');
  const own = textOf(record.execution_arn);
  if (name.kind === 'none') {
    return own ? running('its record names an execution', own) : ended('its record names no manifest');
  }
  if (name.kind === 'placeholder') return endedAtClaim(record, rules);
  if (!manifest && own) return running('its record names an execution', own);
  const state = manifest
    ? endedByRecord(name.location.key, manifest, own, rules)
    : endedUnfollowed(record, rules);
  const isUntold = !state.ended && state.first === MAKE_SURE;
  return isUntold && isMissing && isOlder(record, rules.profile.limits.manifested_hours, rules)
    ? ended('its manifest does not exist, so no execution can read it')
    : state;
}

/** A builder's function ends after 15 minutes: what is still a placeholder then was never given to an execution. */
function endedAtClaim(record: TrackingRecord, rules: ExecutionRules): ExecutionState {
  return isOlder(record, Math.max(rules.profile.limits.grace_hours, BUILDER_HOURS), rules)
    ? ended('its builder died before it wrote the manifest')
    : { ended: false, because: 'its builder may still be running', first: WAIT_FOR_BUILDER };
}

const BUILDER_HOURS = 0.25;
const WAIT_FOR_BUILDER = 'give its builder 15 minutes first, since it may still be running';
const STOP = 'stop its execution first, since it may still be running';
const FIND_AND_STOP =
  'find and stop its execution first, since it may still be running and no record names it';
const MAKE_SURE = 'first make sure that no execution has it, since no record says so';

/** A job's time limit in the field. A job that was silent for longer has ended, or was never started. */
const JOB_HOURS = 48;

/** Whether a job that was started when a record got its status can no longer be running. */
function isBeyondAnyJob(record: TrackingRecord, rules: ExecutionRules): boolean {
  const { manifested_hours, processing_hours } = rules.profile.limits;
  return isOlder(record, Math.max(JOB_HOURS, processing_hours) + manifested_hours, rules);
}

/**
 * The record is written right after the execution's start, so if there is none, most likely nothing was started. But
 * older builders keep one record for a date, which soon names another manifest.
 */
function endedUnfollowed(record: TrackingRecord, rules: ExecutionRules): ExecutionState {
  const { status } = parseStatus(record.status);
  if (status !== 'manifested') return running('no record names the execution that processes it');
  return isBeyondAnyJob(record, rules)
    ? ended('no record has named an execution for longer than a job can run')
    : {
        ended: false,
        because: 'no record says whether an execution has taken its manifest',
        first: MAKE_SURE,
      };
}

function endedByRecord(
  key: string,
  manifest: TrackingRecord,
  own: string | undefined,
  rules: ExecutionRules,
): ExecutionState {
  const arn = textOf(manifest.execution_arn) ?? own;
  if (!isAbout(manifest, key)) return running("the date's manifest record is about another manifest", own);
  const { status } = parseStatus(manifest.status);
  if (status === 'completed' || status === 'failed') return ended(`its manifest is ${status}`);
  if (status !== 'pending') return running(`its manifest is ${status}`, arn);
  if (arn) return running('its execution was started, and nothing shows that it has ended', arn);
  return isBeyondAnyJob(manifest, rules)
    ? ended('its manifest has been pending for longer than a job can run')
    : {
        ended: false,
        because: 'its manifest is pending, but its execution may still be running',
        first: MAKE_SURE,
      };
}

/** The one record of a date is only about the latest manifest; a manifest's own record is about that manifest. */
function isAbout({ file_key, manifest_path }: TrackingRecord, key: string): boolean {
  if (file_key.includes('#')) return true;
  return typeof manifest_path === 'string' && (manifest_path === key || manifest_path.endsWith(`/${key}`));
}

/** A record of unknown age does not count as old. */
function isOlder(record: TrackingRecord, hours: number, { now }: ExecutionRules): boolean {
  return (hoursInStatus(record, now) ?? 0) > hours;
}

function ended(because: string): ExecutionState {
  return { ended: true, because };
}

function running(because: string, execution_arn?: string): ExecutionState {
  if (execution_arn === undefined) return { ended: false, because, first: FIND_AND_STOP };
  return { ended: false, because, first: STOP, execution_arn };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
