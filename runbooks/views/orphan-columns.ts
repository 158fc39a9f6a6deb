import { type Column, statusColumn } from '../../shared/cli/table.ts';
import type { shownVerdict } from '../../shared/operations/answers.ts';
import { durationText } from '../../shared/text/time-text.ts';

/** An orphan as it is printed. */
export type OrphanRow = ReturnType<typeof shownVerdict> & { readonly kind: string };

export const ORPHAN_COLUMNS: Column<OrphanRow>[] = [
  { name: 'kind', value: ({ kind }) => kind, paint: (_row, text, paint) => paint('warning', text) },
  statusColumn(),
  {
    name: 'hours_stuck',
    title: 'for',
    value: ({ hours_stuck }) => hours_stuck ?? undefined,
    text: ({ hours_stuck }) => (hours_stuck === null ? 'unknown' : durationText(hours_stuck * 3_600_000)),
    align: 'right',
  },
  { name: 'recommended_change', title: 'do', value: ({ recommended_change }) => recommended_change },
  { name: 'date_prefix', title: 'date', value: ({ date_prefix }) => date_prefix, spare: 2 },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, shorten: true },
  { name: 'cause', value: ({ cause }) => cause, spare: 1 },
  { name: 'summary', value: ({ summary }) => summary, only: 'csv' },
];
