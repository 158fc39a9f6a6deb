import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocalAws } from './local-aws.ts';

/**
 * A DynamoDB client whose n-th attempt (from 1) fails as specified. Each retry is an attempt, so throttling is retried
 * by the SDK as usual.
 */
export async function faultyDynamo(
  aws: LocalAws,
  plan: (attempt: number, command: string) => Error | undefined,
): Promise<{ client: DynamoDBClient; docs: DynamoDBDocumentClient }> {
  const { region, endpoint, credentials } = aws.dynamoDb.config;
  const client = new DynamoDBClient({ region, endpoint: await endpoint?.(), credentials, maxAttempts: 4 });
  let attempts = 0;
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        attempts += 1;
        const fault = plan(attempts, commandName);
        if (fault) throw fault;
        return next(args);
      },
    // After the SDK's own retries, which are at the beginning of this step.
    { step: 'finalizeRequest', priority: 'low' },
  );
  const docs = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { client, docs };
}

export function throttled(): Error {
  return Object.assign(new Error('by plan'), {
    name: 'ProvisionedThroughputExceededException',
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });
}

/** An error that looks to the table as if the process had been killed between two requests. */
export class Killed extends Error {
  override readonly name = 'Killed';
}
