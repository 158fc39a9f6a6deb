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
  handler: 'watchdog',
  description:
    'Tells whether the stream reaches its consumer, when each scheduled task ended, and which files are late',
  settings: ['environment', 'trackingTable', 'projectionTable', 'pipelineProfile'],
  access: (resources) => [
    // A file that is acknowledged is read to see whether it is still the same.
    { actions: ['dynamodb:DescribeTable', ...items('Get')], resources: [resources.tracking.tableArn] },
    { actions: items('Query'), resources: [resources.tracking.indexArn] },
    besideAudit(resources, 'Get', 'Put', 'Query'),
    queryAcknowledged(resources),
  ],
};

const MINUTES = 2;

/** Which mapping it looks after: that exists only once its consumer does. */
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
 * What tells that the projection sees nothing. A batch that fails once is no blindness: two of the last three
 * looks must say so, which takes at most eight minutes.
 */
export function watchAlarms({
  environment,
  profile,
}: Pick<EnvironmentSettings, 'environment' | 'profile'>): AlarmDefinition[] {
  return [
    ...Object.entries(limitsOfProfile(profile)).map(([status, hours]) => ({
      name: `overdue-${status}`,
      description: `Files have been ${status} for more than ${hours} hours, which is their limit. The runbook stats says how many and how many more will be.`,
      runbook: `files.ts --status ${status} --older-than ${hours}h`,
      metric: ownMetric(environment, 'watchdog', 'FilesOverdue', {
        of: status,
        statistic: 'Maximum',
        period: Duration.minutes(MINUTES),
      }),
      when: { above: 0 },
      // There is a number only while there are any, and one may come late.
      of: { bad: 1, periods: 3 },
    })),
    {
      name: 'blind',
      description: `The projection sees nothing of what happens in the tracking table: its stream is off or another one, or the mapping to the consumer does not work. The log of the function watchdog says which. After 24 hours the stream forgets. "Insufficient data" says that the watchdog itself is silent.`,
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
