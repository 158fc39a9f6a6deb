import { type Cell, cellOf } from '../text/csv.ts';
import { MANIFEST_PREFIX } from './record.ts';
import type { TrackingRecord } from './tracking-table.ts';

/** The manifest's name, by its record; `MANIFEST` for the one record that older builders keep per date. */
export function manifestName({ file_key }: Pick<TrackingRecord, 'file_key'>): string {
  return file_key.replace(MANIFEST_PREFIX, '');
}

/** What started the manifest's job: the name of a state machine's execution, or else the type of trigger. */
export function triggerOf({ execution_arn: arn, trigger_type: type }: TrackingRecord): Cell {
  return typeof arn === 'string' ? arn.slice(arn.lastIndexOf(':') + 1) : cellOf(type);
}
