import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { clientSettings } from './client-settings.ts';
import type { Variables } from './process-environment.ts';

// A hung connection must not use up an invocation: by default the SDK waits forever, and only warns about timeouts.
export const REQUEST_TIMEOUTS = {
  connectionTimeout: 2_000,
  requestTimeout: 10_000,
  throwOnRequestTimeout: true,
};

/** A client with this project's retries and timeouts, for the environment that these variables describe. */
export function dynamoDb(
  variables: Variables = process.env,
  requestHandler = REQUEST_TIMEOUTS,
): DynamoDBClient {
  return new DynamoDBClient({ ...clientSettings(variables, 'DYNAMODB'), maxAttempts: 4, requestHandler });
}

/** A document client with this project's number handling. */
export function dynamoDbDocuments(client = dynamoDb()): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, {
    marshallOptions: { removeUndefinedValues: true },
    unmarshallOptions: { wrapNumbers: exactNumber },
  });
}

/**
 * DynamoDB numbers carry up to 38 digits, a JavaScript number about 16. A value that a number cannot hold
 * is kept as text: the SDK's default would throw on a big integer and silently round a long decimal.
 */
export function exactNumber(digits: string): number | string {
  const value = Number(digits);
  const isSame = Number.isFinite(value) && significantDigits(String(value)) === significantDigits(digits);
  return isSame && !isUnsafeInteger(value) ? value : digits;
}

function significantDigits(digits: string): string {
  return digits
    .replace(/e.*$/i, '')
    .replace(/[-+.]/g, '')
    .replace(/^0+|0+$/g, '');
}

function isUnsafeInteger(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}
