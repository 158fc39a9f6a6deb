import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { cutTo } from '../text/visible-text.ts';
import { endpointOf } from './client-settings.ts';
import { dynamoDb } from './clients.ts';
import type { Variables } from './process-environment.ts';

/** Starts an execution of a state machine; if the name was used before, none is started. */
export type StartExecution = (input: object, name?: string) => Promise<void>;

const TIMEOUT_MILLIS = 10_000;
const LONGEST_NAME = 80;

/**
 * Starts executions of one state machine. It is one call of one service, whose client would be larger than everything
 * else in a function, so the request is signed with what a client for DynamoDB has anyway. It uses a client of its own,
 * since a client keeps signing for the first service that it signed for.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
 *
 * @param machineArn of the state machine
 */
export function executionStarter(machineArn: string, variables: Variables = process.env): StartExecution {
  const client = dynamoDb(variables);
  const [, partition, , region = ''] = machineArn.split(':');
  const endpoint = new URL(endpointOf(variables, 'SFN') ?? `https://states.${region}.${domainOf(partition)}`);
  return async (input, name) => {
    const body = JSON.stringify({
      stateMachineArn: machineArn,
      input: JSON.stringify(input),
      ...(name !== undefined && { name: name.slice(0, LONGEST_NAME) }),
    });
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: await signedHeaders(client, endpoint, region, body),
      body,
      signal: AbortSignal.timeout(TIMEOUT_MILLIS),
    });
    if (response.ok) return;
    const text = await response.text();
    if (text.includes('ExecutionAlreadyExists')) return;
    throw new Error(`Step Functions refused to start ${machineArn}: ${response.status} ${cutTo(text, 500)}`);
  };
}

/** Where the services of a partition are. https://docs.aws.amazon.com/general/latest/gr/rande.html */
function domainOf(partition: string | undefined): string {
  if (partition === 'aws-cn') return 'amazonaws.com.cn';
  return partition === 'aws-eusc' ? 'amazonaws.eu' : 'amazonaws.com';
}

async function signedHeaders(
  client: DynamoDBClient,
  { protocol, hostname, host, port }: URL,
  signingRegion: string,
  body: string,
): Promise<Record<string, string>> {
  const signer = await client.config.signer({
    name: 'sigv4',
    signingName: 'states',
    signingRegion,
    properties: {},
  });
  const { headers } = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: '/',
    query: {},
    headers: {
      host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AWSStepFunctions.StartExecution',
    },
    body,
  });
  // It is set from the address, and must not be set by hand.
  const { host: _host, ...rest } = headers;
  return rest;
}
