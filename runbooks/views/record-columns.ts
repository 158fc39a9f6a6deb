import { paintStatus } from '../../shared/cli/paint.ts';
import type { Cell, Column } from '../../shared/cli/table.ts';
import { sinceOf } from '../../shared/pipeline/record.ts';
import { parseStatus } from '../../shared/pipeline/status.ts';
import type { TrackingRecord } from '../../shared/pipeline/tracking-table.ts';
import { ageText, utcText } from '../../shared/text/time-text.ts';

/** Columns that records of files and of manifests share. */

export function statusOf({ status }: TrackingRecord): string {
  return parseStatus(status).status;
}

export const recordStatus: Column<TrackingRecord> = {
  name: 'status',
  value: statusOf,
  paint: (record, text, paint) => paintStatus(paint, statusOf(record), text),
};

export const recordDate: Column<TrackingRecord> = {
  name: 'date_prefix',
  title: 'date',
  value: ({ date_prefix }) => date_prefix,
  spare: 2,
};

export const recordSince: Column<TrackingRecord> = {
  name: 'since',
  value: sinceOf,
  text: (record) => {
    const since = sinceOf(record);
    return since ? utcText(since) : 'unknown';
  },
  spare: 1,
};

/** How long the record has had its status. */
export function recordAge(now: number): Column<TrackingRecord> {
  return {
    name: 'age',
    value: () => undefined,
    text: (record) => {
      const since = sinceOf(record);
      return since ? ageText(since, now) : 'unknown';
    },
    align: 'right',
    only: 'table',
  };
}

/** An attribute as it stands; what is no plain value, such as a list, is left out of CSV. */
export function attributeColumn(name: string): Column<TrackingRecord> {
  return { name, value: (record) => cellOf(record[name]), only: 'csv' };
}

export function cellOf(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : undefined;
}
