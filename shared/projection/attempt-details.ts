import { shortErrorWords } from '../pipeline/job-error.ts';
import { manifestName } from '../pipeline/manifest.ts';
import { bareName } from '../pipeline/names.ts';
import { type ReadText, textIn } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { cutTo } from '../text/visible-text.ts';
import type { TimelineEvent } from './transition.ts';

type Details = Pick<TimelineEvent, 'manifest' | 'error' | 'run'>;

/**
 * What an event keeps of its attempt, because the next attempt overwrites it in the record: its manifest, its error, and
 * its run. Each is kept once and short, because a head with six events must stay small. Pure.
 *
 * @param from, to the statuses, without suffix
 * @param old, read the record before and after
 */
export function attemptDetails(
  from: string | undefined,
  to: string | undefined,
  old: ReadText,
  read: ReadText,
): Details {
  const manifest = namesManifest(from, to) ? (manifestIn(read) ?? manifestIn(old)) : undefined;
  const message = to === 'failed' || to === 'quarantined' ? read('error_message') : undefined;
  const error = message ? shortErrorWords(message) : undefined;
  const run = to === 'processing' ? (read('execution_arn') ?? read('glue_job_run_id')) : undefined;
  return {
    ...(manifest !== undefined && { manifest }),
    ...(error !== undefined && { error }),
    ...(run && { run: cutTo(run, LONGEST_RUN) }),
  };
}

const LONGEST_RUN = 200;

/**
 * The claim names the manifest if it is known by then; otherwise it is known when the file leaves that status. Later events
 * add nothing, unless the stream has missed the earlier ones.
 */
function namesManifest(from: string | undefined, to: string | undefined): boolean {
  if (to === 'manifested' || from === 'manifested') return true;
  return (to === 'completed' || to === 'failed') && from !== 'processing';
}

/** Only its name: with the date, it is the key of the manifest's record, which has the path. */
function manifestIn(read: ReadText): string | undefined {
  const name = manifestName(read('manifest_path'), '');
  return name.kind === 'object' ? bareName(name.location.key) || undefined : undefined;
}

/**
 * The events of a timeline, with each manifest only at the event that it belongs to.
 *
 * @param record the tracking record, which names the manifest of the current attempt
 */
export function namedEvents(
  events: readonly TimelineEvent[],
  record: TrackingRecord | undefined,
): readonly TimelineEvent[] {
  return events.map((event, i) => {
    const { manifest: own, ...rest } = event;
    if (event.event !== 'manifested') return isNamedBefore(events, i) ? rest : event;
    const after = events[i + 1];
    const manifest = own ?? (after ? after.manifest : manifestOfAttempt(record));
    return manifest === undefined ? rest : { ...rest, manifest };
  });
}

function isNamedBefore(events: readonly TimelineEvent[], i: number): boolean {
  return events[i - 1]?.event === 'manifested';
}

function manifestOfAttempt(record: TrackingRecord | undefined): string | undefined {
  return record && parseStatus(record.status).status === 'manifested'
    ? manifestIn(textIn(record))
    : undefined;
}

/** One time that a file was taken into a manifest, and the result. */
export interface Attempt {
  /** `…Z`. */
  readonly manifested_at: string;
  readonly manifest?: string | undefined;
  readonly run?: string | undefined;
  /** What ended it; undefined while it lasts. */
  readonly ended?:
    | { readonly event: string; readonly at: string; readonly error?: string | undefined }
    | undefined;
}

/** The attempts in a timeline, first to last. */
export function attemptsOf(events: readonly TimelineEvent[]): readonly Attempt[] {
  return events.flatMap((event, i) => {
    if (event.event !== 'manifested') return [];
    const later = events.slice(i + 1);
    const next = later.findIndex((each) => each.event === 'manifested');
    const rest = next < 0 ? later : later.slice(0, next);
    const end = rest.find((each) => each.event !== 'processing_started');
    const run = rest.find((each) => each.event === 'processing_started')?.run;
    return [
      {
        manifested_at: event.time,
        ...(event.manifest !== undefined && { manifest: event.manifest }),
        ...(run !== undefined && { run }),
        ...(end && {
          ended: { event: end.event, at: end.time, ...(end.error !== undefined && { error: end.error }) },
        }),
      },
    ];
  });
}
