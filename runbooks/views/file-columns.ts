import type { Column } from '../../shared/cli/table.ts';
import type { TrackingRecord } from '../../shared/pipeline/tracking-table.ts';
import { sizeText } from '../../shared/text/number-text.ts';
import {
  attributeColumn,
  cellOf,
  recordAge,
  recordDate,
  recordSince,
  recordStatus,
} from './record-columns.ts';

const ATTRIBUTES = ['file_path', 'created_at', 'updated_at', 'manifest_path', 'error_message'];

/** How a list shows files. */
export function fileColumns(now: number): Column<TrackingRecord>[] {
  return [
    recordStatus,
    recordDate,
    { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, shorten: true },
    recordSince,
    recordAge(now),
    {
      name: 'file_size_mb',
      title: 'size',
      value: ({ file_size_mb }) => cellOf(file_size_mb),
      text: ({ file_size_mb }) => sizeText(file_size_mb),
      align: 'right',
      spare: 3,
    },
    ...ATTRIBUTES.map(attributeColumn),
  ];
}
