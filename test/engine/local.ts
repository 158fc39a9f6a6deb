import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { itemBytes } from '../support/item-size.ts';
import type { Engine } from './engine.ts';

/** Puts the rules of an engine before DynamoDB Local, for all that a client sends; behind the SDK's own retries. */
export function putBefore(client: DynamoDBClient, engine: Engine): void {
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) =>
        engine.perform({ name: commandName, input: args.input }, () => next(args)),
    { step: 'finalizeRequest', priority: 'low' },
  );
}

/**
 * The size of what a raw action is about. An update tells nothing of its item, which is taken to be of a kilobyte at
 * most, as the heads and counters of the projection are.
 */
export function rawBytes(action: object): number {
  const { Item } = action as { Item?: Parameters<typeof unmarshall>[0] };
  return Item ? itemBytes(unmarshall(Item)) : 1;
}
