import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { itemBytes } from '../support/item-size.ts';
import type { Engine } from './engine.ts';
import { type Attributes, type Expressions, isMet, updated } from './expressions.ts';
import { cancelledError } from './refusals.ts';

interface WriteAction extends Expressions {
  readonly TableName: string;
  readonly Key?: Attributes;
  readonly Item?: Attributes;
}

interface Input extends Partial<WriteAction> {
  readonly TransactItems?: readonly Readonly<Record<string, WriteAction>>[];
}

/**
 * The projection table, held in memory and answering at once: DynamoDB Local is too slow for many consumers at a time.
 * It knows what the projection's writes need and nothing more: transactions of puts, updates and deletes, single updates, gets,
 * and the query of a partition; of expressions, those that `expressions.ts` reads.
 */
export function createMemoryTable() {
  const items = new Map<string, Attributes>();

  function transact(actions: readonly WriteAction[]): void {
    const failed = actions.map((action) => {
      const seen = items.get(keyOf(action));
      if (isMet(action, seen)) return undefined;
      return {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: seen && marshall(seen, { removeUndefinedValues: true }),
      };
    });
    if (failed.some((reason) => reason)) throw cancelledError(failed);
    for (const action of actions) {
      const isDelete = !action.Item && action.UpdateExpression === undefined;
      if (isDelete) items.delete(keyOf(action));
      else
        items.set(
          keyOf(action),
          action.Item ?? updated(action, items.get(keyOf(action)) ?? { ...action.Key }),
        );
    }
  }

  function update(action: Input): void {
    const seen = items.get(keyOf(action));
    if (!isMet(action, seen)) {
      throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} });
    }
    items.set(keyOf(action), updated(action, seen ?? { ...action.Key }));
  }

  function answer(name: string, input: Input): object {
    if (name === 'TransactWriteCommand') {
      transact((input.TransactItems ?? []).flatMap((item) => Object.values(item)));
      return {};
    }
    if (name === 'UpdateCommand') {
      update(input);
      return {};
    }
    if (name === 'GetCommand') return { Item: items.get(keyOf(input)) };
    if (name !== 'QueryCommand') throw new Error(`This table knows no ${name}.`);
    const pk = input.ExpressionAttributeValues?.[':pk'];
    return { Items: [...items.values()].filter((item) => item.pk === pk) };
  }

  return {
    items: () => [...items.values()],
    /** Puts items in without asking the engine. */
    put: (...given: readonly Attributes[]) => {
      for (const item of given) items.set(keyOf({ Key: item }), item);
    },
    /** Forgets items that nothing asks for again, where there would be too many. */
    drop: (isDropped: (item: Attributes) => boolean) => {
      for (const [key, item] of items) if (isDropped(item)) items.delete(key);
    },
    /** Of what an action is about, as it stands; an update is taken to be of a small item where there is none yet. */
    bytesOf: (action: Partial<WriteAction>) => itemBytes(action.Item ?? items.get(keyOf(action)) ?? {}),
    /** A client of it, for which an engine's rules hold. */
    documents: (engine: Engine): DynamoDBDocumentClient => {
      const send = (command: { readonly input: Input }) => {
        const { name } = command.constructor;
        return engine.perform({ name, input: command.input }, async () => answer(name, command.input));
      };
      // Nothing but `send` is ever called.
      return { send } as unknown as DynamoDBDocumentClient;
    },
  };
}

function keyOf({ Key, Item }: Partial<WriteAction>): string {
  const { pk, sk } = Key ?? Item ?? {};
  return `${pk} ${sk}`;
}
