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

type Place = Pick<RunContext, 'deps' | 'note' | 'progress' | 'interrupted'>;

/**
 * Waits until all of these files have settled, with a bar, and says how they ended. A file that is changed once more
 * is followed on.
 *
 * @returns 5 when some did not end as completed, 130 when it was interrupted
 */
export async function watchSettling(
  { deps, note, progress, interrupted }: Place,
  keys: readonly RecordKey[],
): Promise<ExitCode> {
  const ended = new Map<string, number>();
  const bar = progress('settled', keys.length);
  let waiting = keys;
  while (!interrupted.aborted) {
    const statuses = await readStatuses(deps.tracking, waiting);
    const open = waiting.filter((_, i) => isOpen(statuses[i]));
    for (const status of statuses.filter((each) => !isOpen(each))) {
      const name = status ?? 'removed';
      ended.set(name, (ended.get(name) ?? 0) + 1);
    }
    waiting = open;
    bar.update(keys.length - waiting.length);
    if (waiting.length === 0) break;
    const pause = Math.max(LEAST_PAUSE_MILLIS, (waiting.length * 1_000) / FILES_PER_SECOND);
    await sleep(pause, undefined, { signal: interrupted }).catch(() => undefined);
  }
  bar.end();
  const words = endedText(ended);
  if (waiting.length > 0) {
    note(
      `${grouped(waiting.length)} of ${countOf(keys.length, 'file')} had not settled yet${words && `; ${words}`}.`,
    );
    return EXIT.interrupted;
  }
  note(`All ${countOf(keys.length, 'file')} settled: ${words}.`);
  return ended.get('completed') === keys.length ? EXIT.done : EXIT.partly;
}

/** Undefined where there is no record any more. */
function readStatuses(table: Table, keys: readonly RecordKey[]): Promise<(string | undefined)[]> {
  const read = async (key: RecordKey) => {
    const record = await readRecord(table, key);
    return record && parseStatus(record.status).status;
  };
  return pMap(keys, read, { concurrency: CONCURRENT_READS });
}

/** An unknown status is not waited for: nothing tells when it ends. */
function isOpen(status: string | undefined): boolean {
  return status !== undefined && STATUSES.some((known) => known === status && isInFlight(known));
}

function endedText(ended: ReadonlyMap<string, number>): string {
  return [...ended].map(([status, count]) => `${grouped(count)} ${status}`).join(', ');
}
