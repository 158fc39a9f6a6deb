import type { View } from '../../shared/cli/output.ts';
import { type Column, countColumn, type Screen, tableLines } from '../../shared/cli/table.ts';
import type { LearntLimit, LearntLimits } from '../../shared/orphans/learnt-limits.ts';
import {
  learntFromText,
  p99Text,
  settingText,
  verdictText,
} from '../../shared/orphans/learnt-limits-text.ts';
import { type Durations, TIMED_STEPS } from '../../shared/projection/durations.ts';
import { middleOf } from '../../shared/projection/log-buckets.ts';
import type { FlowCounts } from '../../shared/statistics/flow-counts.ts';
import { grouped } from '../../shared/text/number-text.ts';
import { durationText, hoursText } from '../../shared/text/time-text.ts';

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

interface Flow extends FlowCounts {
  /** Null where durations are not counted. */
  readonly learnt_limits: LearntLimits | null;
}

/**
 * How long files took for each step that any of them made, one line per step, how large they were, and the learnt limits
 * beside the configured ones.
 */
export function flowView(
  { durations, sizes, learnt_limits: learnt }: Flow,
  environment: string,
): View<StepRow> {
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
      ...(learnt ? limitLines(learnt, environment, screen) : []),
      ...(made.length === 0 ? ['Nothing was counted: see counters.flow in docs/pipeline.md.'] : []),
    ],
  };
}

const LIMIT_COLUMNS: readonly Column<LearntLimit>[] = [
  { name: 'limit of', value: ({ status }) => status },
  { name: 'set', value: ({ configured_hours }) => hoursText(configured_hours), align: 'right' },
  { name: 'p99', value: p99Text, align: 'right' },
  {
    name: 'learnt',
    value: (limit) => ('learnt_hours' in limit ? hoursText(limit.learnt_hours) : ''),
    align: 'right',
  },
  { name: 'verdict', title: '', value: verdictText },
];

function limitLines(learnt: LearntLimits, environment: string, screen: Screen): string[] {
  const setting = settingText(learnt.limits, environment);
  return [
    '',
    ...tableLines(LIMIT_COLUMNS, learnt.limits, screen),
    learntFromText(learnt),
    ...(setting ? [setting] : []),
  ];
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
