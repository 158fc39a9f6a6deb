import { pMapIterable } from 'p-map';
import { readRecord, type TrackingTable } from '../files/tracking-table.ts';
import { type FileRequest, type Planned, planFile } from './plan-entry.ts';

const CONCURRENT_READS = 16;

/**
 * Plans for files that are named one by one, each from a consistent read of its record, in the order given.
 * It holds no more than it reads at once, however many there are.
 */
export function planFiles(
  tracking: TrackingTable,
  requests: Iterable<FileRequest> | AsyncIterable<FileRequest>,
): AsyncIterable<Planned> {
  return pMapIterable(requests, async (request) => planFile(request, await readRecord(tracking, request)), {
    concurrency: CONCURRENT_READS,
  });
}
