import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type TransactWriteItemsCommandInput,
} from '@aws-sdk/client-dynamodb';
import pMap from 'p-map';
import { PROJECTION_TABLE } from './bench-system.ts';
import { chunks } from './numbers.ts';

export type Transaction = Pick<TransactWriteItemsCommandInput, 'TransactItems'>;
type PutItem = NonNullable<NonNullable<TransactWriteItem['Put']>['Item']>;

/** As many transactions at a time as the consumer has. */
const IN_FLIGHT = 1;
/** Plain writes do not conflict with each other. */
export const PLAIN_IN_FLIGHT = 4;
const ITEMS_PER_BATCH_WRITE = 25;

/** Calls `note` with each transaction that a client sends, in DynamoDB's form. */
export function onTransaction(client: DynamoDBClient, note: (transaction: Transaction) => void): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName === 'TransactWriteItemsCommand') note(args.input as Transaction);
      return next(args);
    },
    { step: 'build' },
  );
}

/** The same request without any logic: no conditions, and no returned values. */
export function bare({ TransactItems = [] }: Transaction): Transaction {
  return {
    TransactItems: TransactItems.map(({ Put, Update, ...other }) => {
      if (Put) return { Put: { TableName: Put.TableName, Item: Put.Item } };
      return Update ? { Update: unconditional(Update), ...other } : other;
    }),
  };
}

type Update = NonNullable<TransactWriteItem['Update']>;

/** DynamoDB refuses unused names and values, so those that only the condition uses are removed with it. */
function unconditional(update: Update): Update {
  const { ConditionExpression, ReturnValuesOnConditionCheckFailure, ...write } = update;
  const used = new Set(write.UpdateExpression?.match(/[#:]\w+/g));
  const [names, values] = [write.ExpressionAttributeNames, write.ExpressionAttributeValues];
  return {
    ...write,
    ...(names && { ExpressionAttributeNames: only(names, used) }),
    ...(values && { ExpressionAttributeValues: only(values, used) }),
  };
}

function only<V>(
  named: Readonly<Record<string, V>>,
  used: ReadonlySet<string>,
): Record<string, V> | undefined {
  const kept = Object.entries(named).filter(([name]) => used.has(name));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

export async function sendTransactions(
  client: DynamoDBClient,
  transactions: readonly Transaction[],
): Promise<void> {
  await pMap(
    transactions,
    ({ TransactItems }) => client.send(new TransactWriteItemsCommand({ TransactItems })),
    {
      concurrency: IN_FLIGHT,
    },
  );
}

/** Puts items in the cheapest way: many per request, each independent of the others. */
export async function putItems(client: DynamoDBClient, items: readonly PutItem[]): Promise<void> {
  await pMap(
    chunks(items, ITEMS_PER_BATCH_WRITE),
    (part) => client.send(new BatchWriteItemCommand(request(part))),
    {
      concurrency: PLAIN_IN_FLIGHT,
    },
  );
}

function request(items: readonly PutItem[]): BatchWriteItemCommandInput {
  return { RequestItems: { [PROJECTION_TABLE]: items.map((Item) => ({ PutRequest: { Item } })) } };
}
