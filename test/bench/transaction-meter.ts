import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { itemBytes } from '../support/item-size.ts';

/** What a client's transactions cost by the documented rules. */
export interface Meter {
  transactions(): number;
  cancelled(): number;
  writeUnits(): number;
}

interface WriteItem {
  readonly Put?: { TableName: string; Item: Record<string, AttributeValue> };
  readonly Update?: { TableName: string; Key: Record<string, AttributeValue> };
}

/**
 * Adds up the write units of a client's transactions: two for each kilobyte begun of every item, also when
 * the transaction is cancelled. DynamoDB Local reports one item's capacity per table, so its numbers are not
 * used; an updated item is read back for its size.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
export function meterTransactions(client: DynamoDBClient): Meter {
  const tally = { transactions: 0, cancelled: 0, units: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'TransactWriteItemsCommand') return next(args);
      const { TransactItems = [] } = args.input as { TransactItems?: WriteItem[] };
      tally.transactions += 1;
      try {
        return await next(args);
      } catch (error) {
        tally.cancelled += 1;
        throw error;
      } finally {
        const sizes = await Promise.all(TransactItems.map((item) => sizeOf(client, item)));
        tally.units += sizes.reduce((sum, bytes) => sum + 2 * Math.ceil(bytes / 1024), 0);
      }
    },
    { step: 'build' },
  );
  return {
    transactions: () => tally.transactions,
    cancelled: () => tally.cancelled,
    writeUnits: () => tally.units,
  };
}

async function sizeOf(client: DynamoDBClient, { Put, Update }: WriteItem): Promise<number> {
  if (Put) return itemBytes(unmarshall(Put.Item));
  if (!Update) throw new Error('the meter knows puts and updates only');
  const { TableName, Key } = Update;
  const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return itemBytes(unmarshall(Item));
}
