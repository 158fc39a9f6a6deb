import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import { isInFlight, parseStatus, STATUSES } from '../pipeline/status.ts';
import { type RecordKey, readRecord } from '../pipeline/tracking-table.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { EXIT, type ExitCode } from '../text/refused.ts';
import type { RunContext } from './command.ts';

/** More than these are not followed one by one. */
export const MOST_WATCHED = 10_000;
const LEAST_PAUSE_MILLIS = 1_000;
// At most 50 read units a second, however many files there are.
const FILES_PER_SECOND = 50;
const CONCURRENT_READS = 16;

/** A file, and the status that the change gave it, without suffix; undefined where it removed the record. */
export interface WatchedFile {
  readonly key: RecordKey;
  readonly set: string | undefined;
}

type Place = Pick<RunContext, 'deps' | 'note' | 'progress' | 'interrupted'>;

/**
 * Waits until all of these files have settled, with a bar, and says how they ended. A file that is changed once more
 * is still followed.
 *
 * @returns 5 when some ended neither as completed nor as what they were set to, 130 when it was interrupted
 */
export async function watchSettling(
  { deps, note, progress, interrupted }: Place,
  files: readonly WatchedFile[],
): Promise<ExitCode> {
  const ended = new Map<string, number>();
  let asked = 0;
  const bar = progress('settled', files.length);
  let waiting = files;
  while (!interrupted.aborted) {
    const statuses = await readStatuses(deps.tracking, waiting);
    const open = waiting.filter((_, i) => isOpen(statuses[i]));
    for (const [i, { set }] of waiting.entries()) {
      const status = statuses[i];
      if (isOpen(status)) continue;
      const name = status ?? 'removed';
      ended.set(name, (ended.get(name) ?? 0) + 1);
      if (status === 'completed' || status === set) asked += 1;
    }
    waiting = open;
    bar.update(files.length - waiting.length);
    if (waiting.length === 0) break;
    const pause = Math.max(LEAST_PAUSE_MILLIS, (waiting.length * 1_000) / FILES_PER_SECOND);
    await sleep(pause, undefined, { signal: interrupted }).catch(() => undefined);
  }
  bar.end();
  const words = endedText(ended);
  if (waiting.length > 0) {
    note(
      `${grouped(waiting.length)} of ${countOf(files.length, 'file')} had not settled yet${words && `; ${words}`}.`,
    );
    return EXIT.interrupted;
  }
  note(`All ${countOf(files.length, 'file')} settled: ${words}.`);
  return asked === files.length ? EXIT.done : EXIT.partly;
}

/** Undefined where the record is gone. */
function readStatuses(table: Table, files: readonly WatchedFile[]): Promise<(string | undefined)[]> {
  const read = async ({ key }: WatchedFile) => {
    const record = await readRecord(table, key);
    return record && parseStatus(record.status).status;
  };
  return pMap(files, read, { concurrency: CONCURRENT_READS });
}

/** An unknown status is not waited for: nothing says when it ends. */
function isOpen(status: string | undefined): boolean {
  return status !== undefined && STATUSES.some((known) => known === status && isInFlight(known));
}

function endedText(ended: ReadonlyMap<string, number>): string {
  return [...ended].map(([status, count]) => `${grouped(count)} ${status}`).join(', ');
}
