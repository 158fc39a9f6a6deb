import {
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import {
  GetEventSourceMappingCommand,
  LambdaClient,
  ResourceNotFoundException as NoMapping,
} from '@aws-sdk/client-lambda';
import { clientSettings } from './client-settings.ts';
import { REQUEST_TIMEOUTS } from './clients.ts';
import type { Variables } from './process-environment.ts';

/** A client for Lambda with short timeouts: the caller asks again within minutes. */
export function mappingClient(variables: Variables = process.env): LambdaClient {
  return new LambdaClient({
    ...clientSettings(variables, 'LAMBDA'),
    maxAttempts: 4,
    requestHandler: REQUEST_TIMEOUTS,
  });
}

/** What Lambda says about the mapping from the stream to the consumer. */
export interface MappingState {
  readonly state: string | undefined;
  /** The result of the last batch. */
  readonly lastResult: string | undefined;
  readonly streamArn: string | undefined;
}

/** What DynamoDB says about the tracking table's stream. */
export interface StreamState {
  readonly enabled: boolean;
  /** The ARN of the latest stream, even if it is off. */
  readonly latestArn: string | undefined;
}

// The other states pass by themselves within minutes: Creating, Enabling, Updating.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
const STOPPED = new Set(['Disabling', 'Disabled', 'Deleting']);
// AWS documents no list; a working mapping reports one of these two, and everything else begins with PROBLEM.
const GOOD_RESULTS = new Set(['OK', 'No records processed']);

/**
 * Why the projection does not see what happens in the tracking table; empty when it does. The time since the last
 * record says nothing: a quiet night looks the same.
 */
export function reasonsForBlindness(
  mapping: MappingState | undefined,
  stream: StreamState | undefined,
): string[] {
  return [...mappingFaults(mapping), ...streamFaults(mapping, stream)];
}

function mappingFaults(mapping: MappingState | undefined): string[] {
  if (!mapping) return ['There is no mapping from the stream to the consumer.'];
  const { state, lastResult } = mapping;
  return [
    ...(state !== undefined && STOPPED.has(state)
      ? [`The mapping from the stream to the consumer is ${state.toLowerCase()}.`]
      : []),
    ...(lastResult !== undefined && !GOOD_RESULTS.has(lastResult)
      ? [`The mapping reports for its last batch: ${lastResult}`]
      : []),
  ];
}

function streamFaults(mapping: MappingState | undefined, stream: StreamState | undefined): string[] {
  if (!stream) return ['There is no tracking table.'];
  if (!stream.enabled) return ["The tracking table's stream is off."];
  if (!mapping || stream.latestArn === mapping.streamArn) return [];
  // Switching a stream off and on again makes a new one: the old one brings nothing any more.
  return [
    `The tracking table has a new stream, ${stream.latestArn}; the mapping still reads ${mapping.streamArn}.`,
  ];
}

/** @returns undefined when there is no such mapping */
export async function readMapping(client: LambdaClient, UUID: string): Promise<MappingState | undefined> {
  const found = await client
    .send(new GetEventSourceMappingCommand({ UUID }))
    .catch((error: unknown) => undefinedIf(error instanceof NoMapping, error));
  return (
    found && {
      state: found.State,
      lastResult: found.LastProcessingResult,
      streamArn: found.EventSourceArn,
    }
  );
}

/** @returns undefined when there is no such table */
export async function readStream(
  client: DynamoDBClient,
  TableName: string,
): Promise<StreamState | undefined> {
  const found = await client
    .send(new DescribeTableCommand({ TableName }))
    .catch((error: unknown) => undefinedIf(error instanceof ResourceNotFoundException, error));
  return (
    found && {
      enabled: found.Table?.StreamSpecification?.StreamEnabled === true,
      latestArn: found.Table?.LatestStreamArn,
    }
  );
}

function undefinedIf(expected: boolean, error: unknown): undefined {
  if (!expected) throw error;
}
