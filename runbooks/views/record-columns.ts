import type { Column } from '../../shared/cli/table.ts';
import { colorizeStatus } from '../../shared/cli/terminal.ts';
import { manifestName, triggerOf } from '../../shared/pipeline/manifest-facts.ts';
import { sinceOf } from '../../shared/pipeline/record.ts';
import { parseStatus } from '../../shared/pipeline/status.ts';
import type { TrackingRecord } from '../../shared/pipeline/tracking-table.ts';
import { cellOf } from '../../shared/text/csv.ts';
import { sizeText } from '../../shared/text/number-text.ts';
import { ageText, utcText } from '../../shared/text/time-text.ts';

const FILE_ATTRIBUTES = ['file_path', 'created_at', 'updated_at', 'manifest_path', 'error_message'];

/** How a list shows files. */
export function fileColumns(now: number): Column<TrackingRecord>[] {
  return [
    recordStatus,
    recordDate,
    { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, whole: true },
    recordSince(now),
    recordAge(now),
    {
      name: 'file_size_mb',
      title: 'size',
      value: ({ file_size_mb }) => cellOf(file_size_mb),
      text: ({ file_size_mb }) => sizeText(file_size_mb),
      align: 'right',
      priority: 3,
    },
    ...FILE_ATTRIBUTES.map(attributeColumn),
  ];
}

const MANIFEST_ATTRIBUTES = ['file_key', 'manifest_path', 'execution_arn', 'created_at', 'error_message'];

/** How a list shows manifests. */
export function manifestColumns(now: number): Column<TrackingRecord>[] {
  return [
    recordStatus,
    recordDate,
    { name: 'manifest', value: manifestName, whole: true },
    { name: 'file_count', title: 'files', value: ({ file_count }) => cellOf(file_count), align: 'right' },
    recordSince(now),
    recordAge(now),
    { name: 'trigger', title: 'execution', value: triggerOf, whole: true, priority: 3 },
    ...MANIFEST_ATTRIBUTES.map(attributeColumn),
  ];
}

function statusOf({ status }: TrackingRecord): string {
  return parseStatus(status).status;
}

const recordStatus: Column<TrackingRecord> = {
  name: 'status',
  value: statusOf,
  color: (record, text, colorize) => colorizeStatus(colorize, statusOf(record), text),
};

const recordDate: Column<TrackingRecord> = {
  name: 'date_prefix',
  title: 'date',
  value: ({ date_prefix }) => date_prefix,
  priority: 2,
};

function recordSince(now: number): Column<TrackingRecord> {
  return {
    name: 'since',
    value: (record) => sinceOf(record, now),
    text: (record) => {
      const since = sinceOf(record, now);
      return since ? utcText(since) : 'unknown';
    },
    priority: 1,
  };
}

/** How long the record has had its status. */
function recordAge(now: number): Column<TrackingRecord> {
  return {
    name: 'age',
    value: () => undefined,
    text: (record) => {
      const since = sinceOf(record, now);
      return since ? ageText(since, now) : 'age unknown';
    },
    align: 'right',
    only: 'table',
  };
}

/** An attribute, unchanged. */
function attributeColumn(name: string): Column<TrackingRecord> {
  return { name, value: (record) => cellOf(record[name]), only: 'csv' };
}
