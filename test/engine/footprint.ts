/** One item that a request reads or writes. */
export interface Touched {
  readonly table: string;
  /** The values of its partition and sort key, as one text each. */
  readonly partition: string;
  readonly item: string;
  /** What it costs: kilobytes begun, twice in a transaction; of reads, four kilobytes begun. */
  readonly units: number;
}

/** What a request is to the rules. */
export interface Footprint {
  readonly kind: 'transaction' | 'transactional read' | 'write' | 'read';
  /** In the order of the request: reasons of a cancellation come in it. */
  readonly items: readonly Touched[];
}

/** How the items of a table are named: its partition key, and its sort key. */
export type KeyNames = Readonly<Record<string, readonly [string, string]>>;

/** A request as a client sends it: values may be raw or not, as long as they are so in all requests. */
export interface Request {
  /** Such as `TransactWriteItemsCommand` or `TransactWriteCommand`. */
  readonly name: string;
  readonly input: object;
}

interface Action {
  readonly TableName?: string;
  readonly Key?: Readonly<Record<string, unknown>>;
  readonly Item?: Readonly<Record<string, unknown>>;
}

/**
 * What a request touches; undefined for one that the rules leave alone (queries, scans, batches, and whatever is not
 * about items). An item is taken to have the size that `bytesOf` tells.
 *
 * Units: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 * "DynamoDB performs two underlying reads or writes of every item in the transaction":
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-capacity-handling
 */
export function footprintOf(
  { name, input }: Request,
  keys: KeyNames,
  bytesOf: (action: Action) => number,
): Footprint | undefined {
  const command = name.replace(/(Items?)?Command$/, '');
  const kind = KINDS[command];
  if (kind === undefined) return undefined;
  const { TransactItems } = input as { TransactItems?: readonly Readonly<Record<string, Action>>[] };
  const actions = TransactItems?.flatMap((item) => Object.values(item)) ?? [input as Action];
  return { kind, items: actions.map((action) => touched(action, kind, keys, bytesOf(action))) };
}

const KINDS: Readonly<Record<string, Footprint['kind']>> = {
  TransactWrite: 'transaction',
  TransactGet: 'transactional read',
  Put: 'write',
  Update: 'write',
  Delete: 'write',
  Get: 'read',
};

function touched(action: Action, kind: Footprint['kind'], keys: KeyNames, bytes: number): Touched {
  const table = action.TableName ?? '';
  const [partitionKey, sortKey] = keys[table] ?? ['', ''];
  const values = action.Key ?? action.Item ?? {};
  const partition = `${table} ${JSON.stringify(values[partitionKey])}`;
  const isRead = kind === 'read' || kind === 'transactional read';
  const once = Math.max(1, Math.ceil(bytes / (isRead ? 4_096 : 1_024)));
  return {
    table,
    partition,
    item: `${partition} ${JSON.stringify(values[sortKey])}`,
    units: kind.startsWith('transaction') ? 2 * once : once,
  };
}
