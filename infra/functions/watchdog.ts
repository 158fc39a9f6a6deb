import { Duration } from 'aws-cdk-lib';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { configVariables } from '../../shared/aws/config.ts';
import { partName } from '../../shared/aws/deployment-names.ts';
import { limitsOfProfile } from '../../shared/orphans/limits.ts';
import { besideAudit, grant, items, queryAcknowledged } from '../access.ts';
import type { AlarmDefinition } from '../alarms.ts';
import { invocationOf, type ScheduledTask } from '../schedules.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type DeployedFunction, type FunctionDefinition, ownMetric } from './function.ts';

export const watchdog: FunctionDefinition = {
  memoryMegabytes: 256,
  timeoutSeconds: 30,
  staleAfterMinutes: 2,
  handler: 'watchdog',
  description:
    'Reports whether the stream reaches its consumer, when each scheduled task ended, and which files are late',
  settings: ['environment', 'trackingTable', 'projectionTable', 'pipelineProfile'],
  access: (resources) => [
    // An acknowledged file is read to see whether it is still the same.
    { actions: ['dynamodb:DescribeTable', ...items('Get')], resources: [resources.tracking.tableArn] },
    { actions: items('Query'), resources: [resources.tracking.indexArn] },
    besideAudit(resources, 'Get', 'Put', 'Query'),
    queryAcknowledged(resources),
  ],
};

const MINUTES = 2;

/** Tells it which mapping to watch: the mapping exists only once its consumer does. */
export function watchMapping({ fn, role }: DeployedFunction, mapping: EventSourceMapping): void {
  for (const [name, value] of Object.entries(
    configVariables({ streamMapping: mapping.eventSourceMappingId }),
  ))
    fn.addEnvironment(name, value);
  grant(role, [{ actions: ['lambda:GetEventSourceMapping'], resources: [mapping.eventSourceMappingArn] }]);
}

export function watchTask(settings: EnvironmentSettings, { fn }: DeployedFunction): ScheduledTask {
  return {
    id: 'Watchdog',
    name: partName('watchdog', settings),
    expression: `rate(${MINUTES} minutes)`,
    ...invocationOf(fn),
  };
}

/**
 * The alarms for late files and for a blind projection. One failing batch is not blindness: two of the last three checks
 * must find it, which takes at most eight minutes.
 */
export function watchAlarms({
  environment,
  profile,
}: Pick<EnvironmentSettings, 'environment' | 'profile'>): AlarmDefinition[] {
  return [
    ...Object.entries(limitsOfProfile(profile)).map(([status, hours]) => ({
      name: `overdue-${status}`,
      description: `Files have been ${status} for more than ${hours} hours, which is their limit. The runbook stats says how many, and how many more soon will be.`,
      runbook: `files.ts --status ${status} --older-than ${hours}h`,
      metric: ownMetric(environment, 'watchdog', 'FilesOverdue', {
        of: status,
        statistic: 'Maximum',
        period: Duration.minutes(MINUTES),
      }),
      when: { above: 0 },
      // There is a value only while there are such files, and one may come late.
      of: { bad: 1, periods: 3 },
    })),
    {
      name: 'blind',
      description: `The projection sees nothing of what happens in the tracking table: its stream is off or was replaced, or the mapping to the consumer does not work. The log of the function watchdog says which. The stream keeps records for only 24 hours. "Insufficient data" means that the watchdog itself is silent.`,
      runbook: 'doctor.ts',
      metric: ownMetric(environment, 'watchdog', 'Blind', {
        statistic: 'Maximum',
        period: Duration.minutes(MINUTES),
      }),
      when: { above: 0 },
      of: { bad: 2, periods: 3 },
      silence: 'told',
    },
  ];
}
