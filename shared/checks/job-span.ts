import { creationTime } from '../files/record.ts';
import { parseStatus } from '../files/status.ts';
import { parseFieldTime } from '../files/time.ts';
import type { TrackingRecord } from '../files/tracking-table.ts';
import type { Span } from './outputs.ts';

/**
 * When the job ran that converted a file, as far as the records tell: from its start, or else from the
 * earliest that it can have begun, to when manifest and file were completed.
 *
 * @param now milliseconds since the epoch: the end where none is recorded
 */
export function jobSpan(record: TrackingRecord, manifest: TrackingRecord | undefined, now: number): Span {
  // An earlier attempt leaves its times in a record that is under way again.
  const isCompleted = parseStatus(record.status).status === 'completed';
  const completed = isCompleted ? millisOf(record.completed_time, record.updated_at) : undefined;
  const ends = [completed, millisOf(manifest?.completed_time)].filter((end) => end !== undefined);
  const to = ends.length > 0 ? Math.max(...ends) : now;
  const started = millisOf(manifest?.processing_start_time);
  // A manifest that was run again began after the file was completed.
  if (started !== undefined && started <= (completed ?? to)) return { from: started, to };
  const created = creationTime((name) => (typeof record[name] === 'string' ? record[name] : undefined));
  return { from: millisOf(created) ?? 0, to };
}

function millisOf(...times: readonly unknown[]): number | undefined {
  for (const time of times) {
    const read = parseFieldTime(time);
    if (read) return Date.parse(read);
  }
  return undefined;
}
