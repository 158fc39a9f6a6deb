import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { deploymentNames } from '../../shared/aws/deployment-names.ts';
import { type Monitoring, readMonitoring } from '../../shared/aws/monitoring.ts';
import type { Target } from '../../shared/cli/target.ts';
import { namedErrorText } from '../../shared/text/error-text.ts';

/** What CloudWatch says, or why it says nothing. */
export type MonitoringAnswer = Monitoring | { readonly unavailable: string };

/**
 * Reads what CloudWatch says of a target. It never fails: whoever watches goes on without, and is told why.
 *
 * @param connect makes a client, where there is an account
 */
export function monitoringOf(
  { environment, endpoint }: Pick<Target, 'environment' | 'endpoint'>,
  connect: () => CloudWatchClient,
): (now: number) => Promise<MonitoringAnswer> {
  if (endpoint !== undefined) {
    return () => Promise.resolve({ unavailable: `${environment} has no CloudWatch` });
  }
  const client = connect();
  return async (now) => {
    try {
      return await readMonitoring(client, deploymentNames(environment), now);
    } catch (error) {
      return { unavailable: namedErrorText(error) };
    }
  };
}
