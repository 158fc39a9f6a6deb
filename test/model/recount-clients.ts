import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

interface Command {
  readonly input: { readonly TransactItems?: readonly Action[] };
}

interface Action {
  readonly Update?: { readonly Key?: { readonly pk?: unknown }; readonly UpdateExpression?: string };
}

interface Answer {
  readonly Items?: readonly { readonly sk: unknown }[];
}

/**
 * A client whose queries take their time: each item is as it was at the beginning or at the end of one, for a query does
 * not see items all at one moment.
 */
export function leisurelyDocuments(
  docs: DynamoDBDocumentClient,
  draw: () => number,
  sleep: (millis: number) => Promise<unknown>,
): DynamoDBDocumentClient {
  const send = async (command: Command) => {
    if (command.constructor.name !== 'QueryCommand') return docs.send(command as never);
    const { Items: before = [] } = (await docs.send(command as never)) as Answer;
    await sleep(1 + draw() * 40);
    const { Items: after = [] } = (await docs.send(command as never)) as Answer;
    const earlier = new Map(before.map((item) => [item.sk, item]));
    const seen = after.map((item) => (draw() < 0.5 ? (earlier.get(item.sk) ?? item) : item));
    await sleep(1 + draw() * 10);
    return { Items: seen };
  };
  return clientOf(send);
}

/** A client that writes counters as versions do that know of no closed slots: with no condition, and not for none. */
export function formerDocuments(docs: DynamoDBDocumentClient): DynamoDBDocumentClient {
  const send = (command: Command) => {
    const actions = command.input.TransactItems;
    if (!actions) return docs.send(command as never);
    const former = actions.flatMap((action) => {
      const { Update } = action;
      if (Update?.Key?.pk !== 'STATS#ALL') return [action];
      if (Update.UpdateExpression?.startsWith('ADD #a0 :a0') && isTouch(action)) return [];
      return [{ Update: { ...Update, ConditionExpression: undefined } }];
    });
    Object.assign(command.input, { TransactItems: former });
    return docs.send(command as never);
  };
  return clientOf(send);
}

/** Nothing but `send` is ever called, and what pages are read with asks for the class. */
function clientOf(send: (command: Command) => Promise<unknown>): DynamoDBDocumentClient {
  return Object.assign(Object.create(DynamoDBDocumentClient.prototype), { send });
}

function isTouch(action: Action): boolean {
  return JSON.stringify(action).includes('"touched"');
}
