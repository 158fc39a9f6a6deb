import { userInfo } from 'node:os';
import { callerIdentity } from '../aws/identity.ts';
import type { Actor } from '../changes/change.ts';
import { EXIT } from '../text/refused.ts';
import { expectedFailure } from './failure.ts';
import type { Target } from './target.ts';

/** Who runs a command, and in which account. */
export interface Caller {
  readonly account: string;
  /** Named in every change. */
  readonly actor: Actor;
}

/**
 * Asks AWS whose credentials these are. Behind an endpoint of one's own there is no account to ask.
 *
 * @throws what the SDK throws without valid credentials: nothing else could work either
 */
export async function identify(target: Target): Promise<Caller> {
  const person = { identity: userInfo().username, source: 'operating system' };
  if (target.endpoint !== undefined) return { account: 'none', actor: person };
  try {
    const { account, arn } = await callerIdentity();
    return { account, actor: { identity: arn, source: 'sts' } };
  } catch (error) {
    const failure = expectedFailure(error, target);
    if (!failure || failure.exitCode !== EXIT.failed) throw error;
    // A private network may reach DynamoDB and not this service.
    return { account: 'unknown', actor: person };
  }
}
