import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocalAws } from './local-aws.ts';

/** Decides about a client's n-th transaction (from 1): an error to throw, before or after the commit. */
export type FaultPlan = (
  transaction: number,
  items: number,
  /** The request as JSON. */
  request: string,
) => { error: Error; when: 'before' | 'after' } | undefined;

/**
 * A document client whose transactions fail in ways that DynamoDB Local does not: conflicts, throttling, answers that
 * are lost after the commit. Everything else goes to the real DynamoDB Local.
 */
export async function faultyDocuments(aws: LocalAws, plan: FaultPlan): Promise<DynamoDBDocumentClient> {
  const { region, endpoint, credentials } = aws.dynamoDb.config;
  const client = new DynamoDBClient({ region, endpoint: await endpoint?.(), credentials, maxAttempts: 1 });
  let transactions = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'TransactWriteItemsCommand') return next(args);
      transactions += 1;
      const { TransactItems = [] } = args.input as { TransactItems?: unknown[] };
      const fault = plan(transactions, TransactItems.length, JSON.stringify(TransactItems));
      if (fault?.when === 'before') throw fault.error;
      const result = await next(args);
      if (fault) throw fault.error;
      return result;
    },
    { step: 'build' },
  );
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** A cancelled transaction with one reason per item, in the service's words. */
export function cancelled(...codes: string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`,
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

/** An error of the service with only a name, such as `ThrottlingException`. */
export function named(name: string): Error {
  return Object.assign(new Error(`${name} by plan`), { name });
}
