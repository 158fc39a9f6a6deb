import { Duration } from 'aws-cdk-lib';
import { ISSUE_TYPES } from '../shared/consistency/issues.ts';
import { DEFAULT_LIMITS } from '../shared/orphans/limits.ts';
import { ORPHAN_KINDS } from '../shared/orphans/verdict.ts';
import type { DashboardRow } from './dashboard.ts';
import { ownMetric } from './metrics.ts';

const period = Duration.hours(1);

/** What sweeps and audits found, and what they cost the pipeline's table. */
export function checksRow(environment: string): DashboardRow {
  const sweep = (name: string, dimensionsMap: Record<string, string>) =>
    ownMetric(environment, 'orphan-sweep', name, { dimensionsMap, statistic: 'Maximum', period });
  const audit = (name: string, dimensionsMap: Record<string, string> = {}) =>
    ownMetric(environment, 'consistency-audit', name, { dimensionsMap, period });
  return {
    heading: 'Sweeps and audits',
    help: 'Files that will not move by themselves, and what S3, the tracking table and the projection disagree about.',
    graphs: [
      {
        title: 'Orphans',
        metrics: ORPHAN_KINDS.map((kind) => sweep('Orphans', { kind }).with({ label: kind })),
      },
      {
        title: 'Oldest in flight',
        metrics: Object.keys(DEFAULT_LIMITS).map((status) =>
          sweep('OldestInFlight', { status }).with({ label: status }),
        ),
        unit: 'seconds',
      },
      {
        title: 'Healed',
        metrics: [ownMetric(environment, 'orphan-sweep', 'FilesHealed', { period })],
      },
      { title: 'Drift', metrics: [audit('DriftFound'), audit('DriftRepaired')] },
      {
        title: 'Issues',
        metrics: ISSUE_TYPES.map((type) => audit('Issues', { type }).with({ label: type })),
      },
      {
        title: 'Read for it',
        metrics: ['orphan-sweep', 'consistency-audit'].map((service) =>
          ownMetric(environment, service, 'ReadUnitsConsumed', { period, label: service }),
        ),
        unit: 'read units',
      },
    ],
  };
}
