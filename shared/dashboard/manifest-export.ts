import { manifestName, triggerOf } from '../pipeline/manifest-facts.ts';
import { sinceOf } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { cellOf } from '../text/csv.ts';
import type { Exported } from './exported.ts';
import type { Source } from './view.ts';

// As the runbook `manifests` has them.
const ATTRIBUTES = ['file_key', 'manifest_path', 'execution_arn', 'created_at', 'error_message'];

/**
 * Manifests as a file.
 *
 * @param missing how many more there are
 */
export function exportedManifests(
  manifests: readonly TrackingRecord[],
  missing: Exported['missing'],
  { now }: Pick<Source, 'now'>,
): Exported {
  return {
    columns: ['status', 'date_prefix', 'manifest', 'file_count', 'since', 'trigger', ...ATTRIBUTES],
    rows: manifests.map((record) => ({
      cells: [
        parseStatus(record.status).status,
        record.date_prefix,
        manifestName(record),
        cellOf(record.file_count),
        sinceOf(record, now),
        triggerOf(record),
        ...ATTRIBUTES.map((name) => cellOf(record[name])),
      ],
      record,
    })),
    missing,
  };
}
