import type { Cell, Column } from '../../shared/cli/table.ts';
import type { TrackingRecord } from '../../shared/pipeline/tracking-table.ts';
import {
  attributeColumn,
  cellOf,
  recordAge,
  recordDate,
  recordSince,
  recordStatus,
} from './record-columns.ts';

const ATTRIBUTES = ['file_key', 'manifest_path', 'execution_arn', 'created_at', 'error_message'];

/** How a list shows manifests. */
export function manifestColumns(now: number): Column<TrackingRecord>[] {
  return [
    recordStatus,
    recordDate,
    { name: 'manifest', value: manifestName, shorten: true },
    { name: 'file_count', title: 'files', value: ({ file_count }) => cellOf(file_count), align: 'right' },
    recordSince,
    recordAge(now),
    { name: 'trigger', title: 'execution', value: triggerOf, shorten: true, spare: 3 },
    ...ATTRIBUTES.map(attributeColumn),
  ];
}

function manifestName({ file_key }: TrackingRecord): string {
  return file_key.slice(file_key.indexOf('#') + 1);
}

/** What set the manifest's job going: the name of a state machine's execution, or else the type of trigger. */
function triggerOf({ execution_arn, trigger_type }: TrackingRecord): Cell {
  return typeof execution_arn === 'string'
    ? execution_arn.slice(execution_arn.lastIndexOf(':') + 1)
    : cellOf(trigger_type);
}
