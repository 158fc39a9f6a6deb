import { createHash } from 'node:crypto';
import type { PlanEntry } from '../changes/plan.ts';
import { type FileRequest, planFiles, resetRefused } from '../changes/plan-entry.ts';
import { countOf } from '../text/number-text.ts';
import { visibleText } from '../text/visible-text.ts';
import type { RunContext } from './command.ts';
import { leftOutNotes } from './resets.ts';

/** How many of the files that were named one by one are in no plan; the exit code must show it. */
export interface Missed {
  count: number;
}

const MOST_NAMED = 20;

/** The entry of a plan for one file. @throws Refused when it cannot be planned for */
export async function* entryFor(
  { deps, note }: Pick<RunContext, 'deps' | 'note'>,
  request: FileRequest,
): AsyncGenerator<PlanEntry, void> {
  for await (const planned of planFiles(deps, [request])) {
    if (planned.kind === 'refused') throw planned.refusal;
    if (planned.kind === 'left_out') throw resetRefused(planned);
    if (planned.kind === 'planned') yield planned.entry;
    else note(`${visibleText(request.file_key)} is already ${planned.status}.`);
  }
}

/**
 * The entries of a plan for files that were named one by one. Files that cannot be planned for, or have the status
 * already, are named on standard error and left out, as is one that a list repeats; their number comes at the end.
 */
export async function* entriesFor(
  context: Pick<RunContext<object>, 'deps' | 'note' | 'look' | 'aimed' | 'flags' | 'target'>,
  requests: AsyncIterable<FileRequest> | Iterable<FileRequest>,
  missed: Missed,
): AsyncGenerator<PlanEntry, void> {
  const { deps, note } = context;
  let leftOut = 0;
  const repeated = (request: FileRequest) => {
    leftOut += 1;
    if (leftOut <= MOST_NAMED)
      note(`Left out: ${visibleText(request.file_key)} is in the list more than once.`);
  };
  const obstacles = leftOutNotes(context);
  for await (const planned of planFiles(deps, eachOnce(requests, repeated))) {
    if (planned.kind === 'planned') yield planned.entry;
    else if (planned.kind === 'left_out') {
      missed.count += 1;
      obstacles.add(planned);
    } else {
      leftOut += 1;
      if (planned.kind === 'refused') missed.count += 1;
      if (leftOut > MOST_NAMED) continue;
      note(
        planned.kind === 'refused'
          ? visibleText(`Left out: ${planned.refusal.message} ${planned.refusal.commandHint}`)
          : `Left out: ${visibleText(planned.key.file_key)} is already ${planned.status}.`,
      );
    }
  }
  if (leftOut > MOST_NAMED) note(`${countOf(leftOut, 'file')} left out in total.`);
  obstacles.end();
}

/**
 * Passes on each request once. Two requests for one file with different statuses are two: only a person knows which one
 * is meant, and the change refuses them. Only digests are held, so that a million files take some ten megabytes.
 */
async function* eachOnce(
  requests: AsyncIterable<FileRequest> | Iterable<FileRequest>,
  onRepeated: (request: FileRequest) => void,
): AsyncGenerator<FileRequest, void> {
  const seen = new Set<string>();
  for await (const request of requests) {
    const { date_prefix, file_key, new_status, expected_status } = request;
    const text = JSON.stringify([date_prefix, file_key, new_status, expected_status]);
    const digest = createHash('sha256').update(text).digest('base64').slice(0, 24);
    if (seen.has(digest)) onRepeated(request);
    else {
      seen.add(digest);
      yield request;
    }
  }
}
