import type { Variables } from './process-environment.ts';

/** The services that this project talks to, as the SDK's variables spell them. */
export type Service =
  | 'CLOUDFORMATION'
  | 'CLOUDWATCH'
  | 'CLOUDWATCH_LOGS'
  | 'DYNAMODB'
  | 'EVENTBRIDGE'
  | 'LAMBDA'
  | 'S3'
  | 'SCHEDULER'
  | 'SFN'
  | 'SNS'
  | 'SSM'
  | 'STS';

/**
 * What the SDK would take from a process's variables for one service, as settings of a client: so clients for
 * two environments can live in one process. What no variable sets is left to the SDK, such as a profile's region.
 *
 * As in the SDK, a profile wins over keys:
 * https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/setting-credentials-node.html
 */
export function clientSettings(variables: Variables, service: Service) {
  const { AWS_REGION: region, AWS_PROFILE: profile } = variables;
  const endpoint = endpointOf(variables, service);
  const credentials = profile ? undefined : keysIn(variables);
  return {
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    ...(profile && { profile }),
    ...(credentials && { credentials }),
  };
}

/** The endpoint of a service; undefined for AWS's own. */
export function endpointOf(variables: Variables, service: Service): string | undefined {
  return variables[`AWS_ENDPOINT_URL_${service}`] || variables.AWS_ENDPOINT_URL || undefined;
}

function keysIn({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  AWS_SESSION_TOKEN: sessionToken,
}: Variables) {
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}
