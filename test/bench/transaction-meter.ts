import { type AttributeValue, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { itemBytes } from '../support/item-size.ts';

/** The cost of a client's transactions under the documented rules. */
export interface Meter {
  transactions(): number;
  cancelled(): number;
  writeUnits(): number;
  /** The units of one kind of item. */
  writeUnitsOf(kind: ItemKind): number;
}

/** The kinds of items in a transaction: a head or a page of it, or a counter of some kind. */
export type ItemKind = 'heads' | 'statuses' | 'ages' | 'senders' | 'durations' | 'sizes';

interface WriteItem {
  readonly Put?: { TableName: string; Item: Record<string, AttributeValue> };
  readonly Update?: { TableName: string; Key: Record<string, AttributeValue> };
}

/**
 * Adds up the write units of a client's transactions: two for each started kilobyte of every item, even if the
 * transaction is cancelled. DynamoDB Local reports one item's capacity per table, so its numbers are not used;
 * an updated item is read back to get its size.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 */
export function meterTransactions(client: DynamoDBClient): Meter {
  const tally = { transactions: 0, cancelled: 0 };
  const units = new Map<ItemKind, number>();
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
        for (const [i, item] of TransactItems.entries()) {
          const kind = kindOf(item);
          units.set(kind, (units.get(kind) ?? 0) + 2 * Math.ceil((sizes[i] ?? 0) / 1024));
        }
      }
    },
    { step: 'build' },
  );
  return {
    transactions: () => tally.transactions,
    cancelled: () => tally.cancelled,
    writeUnits: () => [...units.values()].reduce((sum, each) => sum + each, 0),
    writeUnitsOf: (kind) => units.get(kind) ?? 0,
  };
}

function kindOf({ Put, Update }: WriteItem): ItemKind {
  const { pk, sk } = unmarshall(Put?.Item ?? Update?.Key ?? {});
  if (String(pk).startsWith('FLOW#')) return String(sk).startsWith('arrived#') ? 'sizes' : 'durations';
  if (!String(pk).startsWith('STATS#')) return 'heads';
  if (String(sk).startsWith('~~')) return 'senders';
  return String(sk).startsWith('age#') ? 'ages' : 'statuses';
}

async function sizeOf(client: DynamoDBClient, { Put, Update }: WriteItem): Promise<number> {
  if (Put) return itemBytes(unmarshall(Put.Item));
  if (!Update) throw new Error('the meter knows puts and updates only');
  const { TableName, Key } = Update;
  const { Item = {} } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
  return itemBytes(unmarshall(Item));
}
