import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { errorText } from '../text/error-text.ts';
import { Refused } from '../text/refused.ts';
import { cutTo } from '../text/visible-text.ts';
import { clientSettings, endpointOf } from './client-settings.ts';
import { startCommand } from './local-machine.ts';
import type { Variables } from './process-environment.ts';

/** Invokes one function with an event, and waits for its answer. */
export type Invoke = (event: object) => Promise<unknown>;

// A builder's function may take 15 minutes.
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 900_000, throwOnRequestTimeout: true };

/**
 * Invokes a function by its name, once: an event that may have arrived is not sent again.
 *
 * @throws Refused, when it is called, when there is no such function, it cannot be reached, or it failed
 */
export function functionInvoker(variables: Variables, name: string): Invoke {
  const client = new LambdaClient({
    ...clientSettings(variables, 'LAMBDA'),
    maxAttempts: 1,
    requestHandler: TIMEOUTS,
  });
  return async (event) => {
    const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
    const { FunctionError, Payload } = await client.send(command).catch((error: unknown) => {
      throw failure(error, name, variables);
    });
    const text = Payload?.transformToString() ?? '';
    if (FunctionError) throw unavailable(`The function ${name} failed: ${cutTo(text, 500)}`, 'See its log.');
    return text === '' ? null : JSON.parse(text);
  };
}

function failure(error: unknown, name: string, variables: Variables): unknown {
  const endpoint = endpointOf(variables, 'LAMBDA') ?? 'AWS';
  const { name: kind, code } = error as { name?: unknown; code?: unknown };
  if (kind === 'ResourceNotFoundException') {
    return unavailable(
      `There is no function ${name} at ${endpoint}.`,
      'Set pipeline.builder.function_name in the settings of the environment.',
    );
  }
  if (typeof code !== 'string') return error;
  const hint = `On this machine ${startCommand(variables)} runs it; for a deployment, check --region and the network.`;
  return unavailable(
    `The function ${name} cannot be reached at ${endpoint}: ${(errorText(error) || code).replace(/\.+$/, '')}.`,
    hint,
  );
}

function unavailable(message: string, hint: string): Refused {
  return new Refused('UNAVAILABLE', message, hint);
}
