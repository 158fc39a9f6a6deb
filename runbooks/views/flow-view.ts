import type { View } from '../../shared/cli/output.ts';
import { type Column, countColumn, tableLines } from '../../shared/cli/table.ts';
import { type Durations, TIMED_STEPS } from '../../shared/projection/durations.ts';
import type { FlowCounts } from '../../shared/projection/flow-counts.ts';
import { middleOf } from '../../shared/projection/log-buckets.ts';
import { grouped } from '../../shared/text/number-text.ts';
import { durationText } from '../../shared/text/time-text.ts';

interface StepRow extends Durations {
  readonly step: string;
}

const COLUMNS: readonly Column<StepRow>[] = [
  { name: 'step', value: ({ step }) => step },
  countColumn('count', ({ count }) => count),
  countColumn('unknown', ({ unknown }) => unknown),
  percentile('p50'),
  percentile('p95'),
  percentile('p99'),
];

/** How long files took for each step that any of them made, one line per step, and how large they were. */
export function flowView({ durations, sizes }: FlowCounts): View<StepRow> {
  const rows = TIMED_STEPS.map((step) => ({ step, ...durations[step] }));
  const made = rows.filter(({ count, unknown }) => count + unknown > 0);
  const middles = [sizes.p50, sizes.p95, sizes.p99].map((size) =>
    size ? megabytes(middleOf(size)) : 'none',
  );
  return {
    columns: COLUMNS,
    rows: made,
    lines: (screen) => [
      ...tableLines(COLUMNS, made, screen),
      '',
      `${grouped(sizes.files)} files arrived with ${megabytes(sizes.bytes)}; p50, p95 and p99 of their size: ${middles.join(', ')}`,
      ...(made.length === 0 ? ['Nothing was counted: see counters.flow in docs/pipeline.md.'] : []),
    ],
  };
}

function percentile(name: 'p50' | 'p95' | 'p99'): Column<StepRow> {
  return {
    name,
    value: (row) => {
      const bucket = row[name];
      return bucket ? durationText(middleOf(bucket) * 1_000) : '';
    },
    align: 'right',
  };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MB`;
}
