import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { itemBytes } from '../support/item-size.ts';
import type { Engine } from './engine.ts';
import { cancelledError } from './refusals.ts';

type Attributes = Record<string, unknown>;

interface WriteAction {
  readonly TableName: string;
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Attributes;
}

interface Input extends Partial<WriteAction> {
  readonly TransactItems?: readonly Readonly<Record<string, WriteAction>>[];
}

/**
 * The projection table, held in memory and answering at once: DynamoDB Local is too slow for many consumers at a time.
 * It knows what the consumer's first writes need and nothing more: transactions of puts that must be new and of
 * updates that set and add, gets, and the query of a partition.
 */
export function createMemoryTable() {
  const items = new Map<string, Attributes>();

  function transact(actions: readonly WriteAction[]): void {
    const failed = actions.map((action) => {
      const seen = items.get(keyOf(action));
      if (action.ConditionExpression === undefined || isMet(action, seen)) return undefined;
      return {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: seen && marshall(seen, { removeUndefinedValues: true }),
      };
    });
    if (failed.some((reason) => reason)) throw cancelledError(failed);
    for (const action of actions) {
      items.set(keyOf(action), action.Item ?? updated(action, items.get(keyOf(action))));
    }
  }

  function answer(name: string, input: Input): object {
    if (name === 'TransactWriteCommand') {
      transact((input.TransactItems ?? []).flatMap((item) => Object.values(item)));
      return {};
    }
    if (name === 'GetCommand') return { Item: items.get(keyOf(input)) };
    if (name !== 'QueryCommand') throw new Error(`This table knows no ${name}.`);
    const pk = input.ExpressionAttributeValues?.[':pk'];
    return { Items: [...items.values()].filter((item) => item.pk === pk) };
  }

  return {
    items: () => [...items.values()],
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

function isMet({ ConditionExpression }: WriteAction, seen: Attributes | undefined): boolean {
  if (ConditionExpression === 'attribute_not_exists(pk)') return seen === undefined;
  throw new Error(`This table knows no condition "${ConditionExpression}".`);
}

/** Understands `SET a = :a, b = :b ADD c :c, d :d`, either part being optional. */
function updated(
  { Key, UpdateExpression = '', ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: WriteAction,
  seen: Attributes = {},
): Attributes {
  const next: Attributes = { ...Key, ...seen };
  const [set = '', add = ''] = UpdateExpression.replace(/^SET /, '').split(/(?: |^)ADD /);
  for (const part of set.split(', ').filter(Boolean)) {
    const [name = '', value = ''] = part.split(' = ');
    next[ExpressionAttributeNames[name] ?? name] = ExpressionAttributeValues[value];
  }
  for (const part of add.split(', ').filter(Boolean)) {
    const [name = '', value = ''] = part.split(' ');
    const attribute = ExpressionAttributeNames[name] ?? name;
    next[attribute] = Number(next[attribute] ?? 0) + Number(ExpressionAttributeValues[value]);
  }
  return next;
}
