import { getFailures } from '../operations/get-failures.ts';
import { getStats } from '../operations/get-stats.ts';
import { sinceOf } from '../pipeline/record.ts';
import { FAILURE_STATUSES } from '../pipeline/record-failure.ts';
import { parseStatus, UNKNOWN_STATUS } from '../pipeline/status.ts';
import { cellOf } from '../text/csv.ts';
import type { Exported } from './exported.ts';
import { type FilesRequest, gatherFiles } from './list-files.ts';
import type { Source } from './view.ts';

// The same columns as the runbook `files`.
const ATTRIBUTES = [
  'file_size_mb',
  'file_path',
  'created_at',
  'updated_at',
  'manifest_path',
  'error_message',
];

/**
 * The files of a list, including its other pages, up to the most that are gathered for one list, and how many of a
 * longer list are missing; of a list by age, those of unknown age.
 *
 * @throws if files are missing that no later page would bring, since an exported file could not say so
 */
export async function exportFiles(request: FilesRequest, source: Source): Promise<Exported> {
  const { records, incomplete, ageUnknown, next_token: next } = await gatherFiles(request, source);
  if (incomplete) throw new Error(`The list cannot be exported: ${incomplete}`);
  return {
    columns: ['status', 'date_prefix', 'file_key', 'since', ...ATTRIBUTES],
    rows: records.map((record) => ({
      cells: [
        parseStatus(record.status).status,
        record.date_prefix,
        record.file_key,
        sinceOf(record, source.now),
        ...ATTRIBUTES.map((name) => cellOf(record[name])),
      ],
      record,
    })),
    ...(next || request.next
      ? { missing: await missingOf(request, records.length, source) }
      : ageUnknown > 0 && { missing: ageUnknown }),
  };
}

/** How many more there are, by the counters; unknown where nothing counts what the list is narrowed by. */
async function missingOf(
  request: FilesRequest,
  written: number,
  source: Source,
): Promise<NonNullable<Exported['missing']>> {
  const isCounted = request.older === undefined && request.manifest === undefined;
  const whole = isCounted ? await countOf(request, source) : 0;
  return whole > written ? whole - written : 'unknown';
}

async function countOf({ date, status, class: id }: FilesRequest, source: Source): Promise<number> {
  if (id !== undefined) {
    const failure = FAILURE_STATUSES.find((each) => each === status);
    const { failures } = await getFailures.run(source, { date_prefix: date, class: id });
    return (failure && failures[0]?.[failure]) ?? 0;
  }
  const { stats, total, unknown_status: unknown = 0 } = await getStats.run(source, { date_prefix: date });
  if (status === undefined) return total;
  return status === UNKNOWN_STATUS ? unknown : stats[status];
}
