import type { Column } from '../../shared/cli/table.ts';
import type { TrackingRecord } from '../../shared/pipeline/tracking-table.ts';
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
      text: ({ file_size_mb }) => sizeText(Number(file_size_mb)),
      align: 'right',
      spare: 3,
    },
    ...ATTRIBUTES.map(attributeColumn),
  ];
}

/** Megabytes for a person: `5.4 KB`, `12.3 MB`; empty when it is no number. */
export function sizeText(megabytes: number): string {
  if (!Number.isFinite(megabytes)) return '';
  if (megabytes < 1) return `${(megabytes * 1_024).toFixed(1)} KB`;
  return megabytes < 1_024 ? `${megabytes.toFixed(1)} MB` : `${(megabytes / 1_024).toFixed(1)} GB`;
}
