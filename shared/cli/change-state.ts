import { type Change, mayBeUndone, obstacleToResuming } from '../changes/change.ts';
import { isBusy } from '../operations/change-requests.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { utcText } from '../text/time-text.ts';
import { visibleText } from '../text/visible-text.ts';
import { resumeCommand } from './broken-off.ts';
import type { RunContext } from './command.ts';

type Place = Pick<RunContext, 'commandLine' | 'now'>;

/** What is known about a change besides its files, in lines: who made it, when and why, how far it has come. */
export function changeLines(change: Change): string[] {
  const { state, actor, createdAt, reason, about, resumedBy = [], closedBy } = change;
  const request = actor.request_id === undefined ? '' : `, in request ${actor.request_id}`;
  const lines = [
    `${state}: made by ${actor.identity}${request} at ${utcText(createdAt)}, because: ${reason}`,
    ...(about === undefined ? [] : [`It is about: ${about}.`]),
    ...(change.files > 0 ? [progressText(change)] : []),
    ...resumedBy.map(
      (by) =>
        `Resumed by ${by.identity} at ${utcText(by.at)}${by.reason === undefined ? '' : `, because: ${by.reason}`}`,
    ),
    ...(closedBy
      ? [`Closed by ${closedBy.identity} at ${utcText(closedBy.at)}, because: ${closedBy.reason}`]
      : []),
  ];
  return lines.map(visibleText);
}

function progressText({ state, files, counts, progress }: Change): string {
  const of = countOf(files, 'file');
  if (state === 'preparing') return `Prepared ${grouped(progress?.prepared ?? 0)} of ${of}, changed none.`;
  const known = counts ?? progress?.counts;
  if (!known) return `For ${of}; how many are written is counted when it ends.`;
  const { applied, skipped, failed } = known;
  const written = `${grouped(applied)} applied, ${grouped(skipped)} skipped, ${grouped(failed)} failed`;
  return `Of ${of}: ${written}${state === 'done' ? '' : ', as last stored'}.`;
}

/** What can be done about a change now, with the commands. */
export function nextSteps(context: Place, change: Change): string[] {
  const { commandLine } = context;
  const { id } = change;
  if (isBusy(change, context)) return [`It is being run, until ${change.busyUntil} at least.`];
  const isOver = change.state === 'done' || change.state === 'closed';
  return [
    ...(obstacleToResuming(change) === undefined ? [`To resume it: ${resumeCommand(context, id)}`] : []),
    ...(mayBeUndone(change) ? [`To undo it: ${commandLine('undo', [id])}`] : []),
    ...(isOver ? [] : [`To close it as it is: ${commandLine('changes', [id, '--close'])}`]),
  ];
}

/** What prevents a change from being resumed, and what to do instead; undefined if nothing does. */
export function whyNoResumption({ commandLine }: Place, change: Change): string | undefined {
  const { id } = change;
  switch (obstacleToResuming(change)) {
    case undefined:
      return undefined;
    case 'done':
      return 'It is done: nothing is left to resume.';
    case 'closed':
      return 'It was closed or undone, so it cannot be resumed.';
    case 'plan_needed':
      return `It was interrupted while it was being prepared, and changed no file. Apply its plan again with --change-id ${id}, or close it and make a new plan: ${commandLine('changes', [id, '--close'])}`;
  }
}

/** What prevents a change from being closed; undefined if nothing does. */
export function whyNoClosing({ state }: Change): string | undefined {
  if (state === 'done') return 'It is done: nothing is left to close.';
  return state === 'closed' ? 'It is closed already.' : undefined;
}
