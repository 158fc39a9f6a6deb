import type { Context } from 'aws-lambda';
import type { Actor } from '../changes/change.ts';
import { cutTo } from '../text/visible-text.ts';

/** What Lambda says about a call. */
export type LambdaCall = Pick<Context, 'awsRequestId' | 'invokedFunctionArn' | 'clientContext' | 'identity'>;

const LONGEST_NAME = 100;

/**
 * Who calls a function. A direct invocation does not show whose credentials it was made with; CloudTrail does, by the
 * id of the request, where a trail logs invocations. So the actor is the function that was called, and the name that
 * the caller states in the client context (`{"custom": {"actor": "alice"}}`) is recorded as stated, and never stands
 * alone.
 */
export function lambdaActor({
  awsRequestId: request_id,
  invokedFunctionArn,
  clientContext,
  identity,
}: LambdaCall): Actor {
  if (identity?.cognitoIdentityId)
    return { identity: identity.cognitoIdentityId, source: 'cognito', request_id };
  const through = `invoked through ${invokedFunctionArn}`;
  const stated = statedName(clientContext);
  if (stated === undefined) return { identity: through, source: 'lambda', request_id };
  return { identity: `${stated} (as stated), ${through}`, source: 'lambda client context', request_id };
}

/** Node's runtime hands over what the caller sent: `custom` by the SDKs' word, `Custom` by the type's. */
function statedName(clientContext: unknown): string | undefined {
  const { custom, Custom } = object(clientContext);
  const { actor } = object(custom ?? Custom);
  return typeof actor === 'string' && actor.trim() !== '' ? cutTo(actor.trim(), LONGEST_NAME) : undefined;
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
