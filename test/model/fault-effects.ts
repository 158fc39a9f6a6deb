import { randomUUID } from 'node:crypto';
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { cancelled, named } from '../support/faults.ts';
import type { Call } from '../support/intercepted.ts';
import type { FaultKind } from './fault-kinds.ts';

/** What a fault can bring about besides an answer or an error. */
export interface Powers {
  /** Ends the invocation; nothing that its code does from here on reaches the outside. */
  die(): never;
  /** Makes the call at some later time, when nobody waits for it any more. */
  landLater(): void;
}

type Effect = <Output>(call: Call<Output>, powers: Powers) => Promise<Output>;

const TRANSACTION = 'TransactWriteItemsCommand';

/** Which calls a fault can befall. */
export function canBefall(kind: FaultKind, command: string): boolean {
  if (kind === 'mixed reasons') return command === TRANSACTION;
  if (kind === 'conflict') return command === TRANSACTION || command === 'PutItemCommand';
  return true;
}

/** What a fault does in the place of a call; "error after success" is the answer that is lost. */
export const EFFECTS: Readonly<Record<FaultKind, Effect>> = {
  'dies before the call': async (_, { die }) => die(),
  'dies after the call': async (call, { die }) => {
    await outcomeUnknown(call);
    return die();
  },
  'dies, and the call lands later': async (_, { die, landLater }) => {
    landLater();
    return die();
  },
  'answer lost': async (call) => {
    await outcomeUnknown(call);
    throw named('TimeoutError');
  },
  'times out, and the call lands later': async (_, { landLater }) => {
    landLater();
    throw named('TimeoutError');
  },
  'asked twice': askedTwice,
  throttle: async () => {
    throw named('ProvisionedThroughputExceededException');
  },
  'server error': async () => {
    throw Object.assign(named('InternalFailure'), { $fault: 'server' });
  },
  denied: async () => {
    throw named('AccessDeniedException');
  },
  conflict: async (call) => {
    const items = itemsOf(call);
    if (items.length === 0) throw named('TransactionConflictException');
    throw cancelled(...items.slice(1).map(() => 'None'), 'TransactionConflict');
  },
  'mixed reasons': mixedReasons,
  slow: (call) => call.send(),
};

/** Makes a call whose outcome nobody gets to know. */
async function outcomeUnknown<Output>(call: Call<Output>): Promise<void> {
  await call.send().catch(() => undefined);
}

/** As the SDK repeats a request whose answer did not come: with the same token, so that it is one request. */
async function askedTwice<Output>(call: Call<Output>): Promise<Output> {
  const changes = itemsOf(call).length > 0 ? { ClientRequestToken: randomUUID() } : {};
  await call.send(changes).catch(() => undefined);
  return call.send(changes);
}

const NEVER_HOLDS = { Key: { pk: 'NOTHING', sk: 'NOTHING' }, ConditionExpression: 'attribute_exists(pk)' };

/**
 * A cancellation as the service words it when several things go wrong at once: one more item, whose condition
 * never holds, makes the database itself tell which conditions fail; a throttle or a conflict is put beside it.
 */
async function mixedReasons<Output>(call: Call<Output>): Promise<Output> {
  const items = itemsOf(call);
  const [first] = items.flatMap((item) => Object.values(item));
  const ConditionCheck = { ...NEVER_HOLDS, TableName: first?.TableName };
  const error = await call.send({ TransactItems: [...items, { ConditionCheck }] }).catch(asError);
  if (!(error instanceof TransactionCanceledException)) throw error;
  const reasons = error.CancellationReasons?.slice(0, -1) ?? [];
  const lucky = reasons.findLastIndex(({ Code }) => Code === 'None');
  const Code = reasons.length % 2 === 0 ? 'ThrottlingError' : 'TransactionConflict';
  throw new TransactionCanceledException({
    message: error.message,
    $metadata: {},
    CancellationReasons: reasons.map((reason, i) => (i === lucky ? { Code } : reason)),
  });
}

type TransactItem = Readonly<Record<string, { readonly TableName?: string }>>;

function itemsOf<Output>({ input }: Call<Output>): readonly TransactItem[] {
  return 'TransactItems' in input ? (input.TransactItems as readonly TransactItem[]) : [];
}

function asError(error: unknown): unknown {
  return error;
}
