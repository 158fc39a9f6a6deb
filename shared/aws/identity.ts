import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientSettings } from './client-settings.ts';
import type { Variables } from './process-environment.ts';

/** Whose credentials these are. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
  /** `aws:userid` in policies. */
  readonly userId: string;
}

/**
 * Asks AWS whose credentials these variables give.
 *
 * @throws what the SDK throws; without valid credentials nothing else could work either
 */
export async function callerIdentity(variables: Variables): Promise<Identity> {
  const sts = new STSClient({
    ...clientSettings(variables, 'STS'),
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  const {
    Account = 'unknown',
    Arn = 'unknown',
    UserId = 'unknown',
  } = await sts.send(new GetCallerIdentityCommand({}));
  return { account: Account, arn: Arn, userId: UserId };
}
