import { Duration } from 'aws-cdk-lib';
import { DEFAULT_LIMITS } from '../shared/orphans/limits.ts';
import { ORPHAN_KINDS } from '../shared/orphans/verdict.ts';
import type { AlarmDefinition } from './alarm.ts';
import { ownMetric } from './metrics.ts';

// All dates of an audit within one number, or the next date's silence would end the alarm.
const AUDIT_PERIOD = Duration.hours(6);
const SECONDS_PER_HOUR = 3_600;

/** What tells of files that will not move by themselves, as of the last sweep. */
export function sweepAlarms(environment: string): AlarmDefinition[] {
  const metric = (name: string, dimensionsMap: Record<string, string>) =>
    ownMetric(environment, 'orphan-sweep', name, { dimensionsMap, statistic: 'Maximum' });
  return [
    ...ORPHAN_KINDS.map((kind) => ({
      name: `orphans-${kebabCase(kind)}`,
      description: `The last sweep found files of the kind ${kind}. The runbook find-orphans lists them with the evidence and what to do.`,
      metric: metric('Orphans', { kind }),
      when: { above: 0 },
      silence: 'unchanged' as const,
    })),
    ...Object.entries(DEFAULT_LIMITS).map(([status, hours]) => ({
      name: `oldest-${status}`,
      description: `A file has been ${status} for more than ${2 * hours} hours, twice what is usual.`,
      metric: metric('OldestInFlight', { status }),
      when: { above: 2 * hours * SECONDS_PER_HOUR },
      silence: 'unchanged' as const,
    })),
    {
      name: 'healing-stopped',
      description:
        'The last sweep was to mend files and did not: an unusual share of all files in flight is affected, or its change ended early. find_orphans tells which; the runbook changes shows the change.',
      metric: ownMetric(environment, 'orphan-sweep', 'HealingStopped', { statistic: 'Maximum' }),
      when: { above: 0 },
      silence: 'unchanged' as const,
    },
  ];
}

/** What tells that the projection lacks something, or was wrong. */
export function projectionAlarms(environment: string): AlarmDefinition[] {
  return [
    {
      name: 'dead-letters-waiting',
      description:
        'Dead letters wait in their bucket. The runbook replay-dead-letters lists and replays them.',
      metric: ownMetric(environment, 'stats-publisher', 'DeadLettersWaiting', { statistic: 'Maximum' }),
      when: { above: 0 },
      silence: 'unchanged',
    },
    {
      name: 'drift',
      description:
        'The last audit found heads or counters that disagree with the tracking table, and repaired what it could. Look for dead letters and batches that were given up.',
      metric: ownMetric(environment, 'consistency-audit', 'DriftFound', { period: AUDIT_PERIOD }),
      when: { above: 0 },
      silence: 'unchanged',
    },
  ];
}

function kebabCase(name: string): string {
  return name.replaceAll('_', '-');
}
