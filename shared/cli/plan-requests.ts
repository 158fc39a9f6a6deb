import type { PlanEntry } from '../changes/plan.ts';
import { type FileRequest, planFiles } from '../changes/plan-entry.ts';
import { countOf } from '../text/number-text.ts';
import type { RunContext } from './command.ts';

const MOST_NAMED = 20;

/** The entry of a plan for one file. @throws Refused when it cannot be planned for */
export async function* entryFor(
  { service, note }: Pick<RunContext<unknown>, 'service' | 'note'>,
  request: FileRequest,
): AsyncGenerator<PlanEntry, void> {
  for await (const planned of planFiles(service.tracking, [request])) {
    if (planned.kind === 'refused') throw planned.refusal;
    if (planned.kind === 'planned') yield planned.entry;
    else note(`${request.file_key} is ${planned.status} already.`);
  }
}

/**
 * The entries of a plan for files that were named one by one. What cannot be planned for, or is there already,
 * is said on standard error and left out; how many those were stands at the end.
 */
export async function* entriesFor(
  { service, note }: Pick<RunContext<unknown>, 'service' | 'note'>,
  requests: AsyncIterable<FileRequest> | Iterable<FileRequest>,
): AsyncGenerator<PlanEntry, void> {
  let leftOut = 0;
  for await (const planned of planFiles(service.tracking, requests)) {
    if (planned.kind === 'planned') yield planned.entry;
    else {
      leftOut += 1;
      if (leftOut > MOST_NAMED) continue;
      note(
        planned.kind === 'refused'
          ? `Left out: ${planned.refusal.message} ${planned.refusal.commandHint}`
          : `Left out: ${planned.key.file_key} is ${planned.status} already.`,
      );
    }
  }
  if (leftOut > MOST_NAMED) note(`${countOf(leftOut, 'file')} left out in all.`);
}
