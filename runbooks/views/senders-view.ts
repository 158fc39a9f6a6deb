import type { View } from '../../shared/cli/output.ts';
import { type Column, countColumn, tableLines } from '../../shared/cli/table.ts';
import type { SenderReport, SenderSummary } from '../../shared/statistics/read-senders.ts';
import { grouped, percent } from '../../shared/text/number-text.ts';
import { utcText } from '../../shared/text/time-text.ts';

const COLUMNS: readonly Column<SenderSummary>[] = [
  { name: 'sender', value: ({ sender }) => sender },
  countColumn('total', ({ total }) => total),
  countColumn('failed', ({ stats }) => stats.failed),
  {
    name: 'failed_share',
    title: 'of settled',
    value: ({ failed_share: share }) => (share === null ? undefined : percent(share, 1)),
    align: 'right',
  },
  countColumn('over_limit', ({ over_limit }) => over_limit, 'late'),
  lesser(4, 'over_limit_at_most', ({ over_limit_at_most }) => over_limit_at_most, 'at most'),
  lesser(2, 'pending', ({ stats }) => stats.pending),
  lesser(2, 'manifested', ({ stats }) => stats.manifested, 'manifest.'),
  lesser(2, 'processing', ({ stats }) => stats.processing, 'process.'),
  lesser(3, 'completed', ({ stats }) => stats.completed),
  lesser(3, 'quarantined', ({ stats }) => stats.quarantined, 'quarant.'),
  {
    name: 'oldest_since',
    value: ({ oldest_since }) => oldest_since ?? undefined,
    text: ({ oldest_since }) => (oldest_since === null ? '' : utcText(oldest_since)),
    priority: 5,
  },
];

/**
 * The files of each sender, those with the most failures first.
 *
 * @param report null where the profile counts no senders
 */
export function sendersView(report: SenderReport | null): View<SenderSummary> {
  const rows = report?.senders ?? [];
  return {
    columns: COLUMNS,
    rows,
    lines: (screen) => [...tableLines(COLUMNS, rows, screen), ...notes(report)],
  };
}

/** A column that a narrow terminal leaves out. */
function lesser(priority: number, ...column: Parameters<typeof countColumn<SenderSummary>>) {
  return { ...countColumn(...column), priority };
}

function notes(report: SenderReport | null): string[] {
  if (!report) return ['Senders are not counted: see sender.path in docs/pipeline.md.'];
  const left = report.not_counted;
  return left === 0 ? [] : ['', `${grouped(left)} files are not counted by sender yet: see rebuild.ts.`];
}
