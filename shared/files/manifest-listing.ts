import { isSinceBefore } from './since.ts';
import type { Status } from './status.ts';
import { type DateRange, eachByStatus } from './status-index.ts';
import type { TrackingRecord, TrackingTable } from './tracking-table.ts';

/** The statuses of manifests, those first that an operator looks for. */
export const MANIFEST_STATUSES = ['processing', 'pending', 'failed', 'completed'] as const satisfies Status[];

/** Which manifests are listed. */
export interface ManifestSelection {
  readonly statuses: readonly string[];
  readonly range: DateRange;
  /** Only those that have had their status since before it, in milliseconds since the epoch. */
  readonly sinceBefore?: number | undefined;
}

/** Manifest records by status and date, to the last one, holding no more than a page of them. */
export async function* eachManifest(
  table: TrackingTable,
  { statuses, range, sinceBefore }: ManifestSelection,
): AsyncGenerator<TrackingRecord, void> {
  for (const status of statuses) {
    const manifests = eachByStatus(table, { kind: 'manifest', status, suffixes: [], range });
    for await (const manifest of manifests) {
      if (sinceBefore === undefined || isSinceBefore(manifest, sinceBefore)) yield manifest;
    }
  }
}
