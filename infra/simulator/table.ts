import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  paginateQuery,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { keysOf, type RecordKeys } from './record-keys.ts';

export type Attributes = Readonly<Record<string, string | number | null>>;
export type TableItem = RecordKeys & Readonly<Record<string, unknown>>;

/** What a write sets on an existing record that still has the expected values, if any. */
export interface RecordUpdate {
  readonly set: Attributes;
  readonly expected?: Attributes;
  /** Writes the record even if there is none, as a state machine's update does. */
  readonly isUnconditional?: boolean;
}

/** The tracking table; a write resolves to whether its condition held. */
export interface PipelineTable {
  /** Writes a new record, unless there is one whose `ttl` has not passed. */
  insert(item: TableItem, nowMillis: number): Promise<boolean>;
  /** Writes a record, replacing whatever was there. */
  put(item: TableItem): Promise<void>;
  update(keys: RecordKeys, update: RecordUpdate): Promise<boolean>;
  /** Removes a lock that its holder still holds. */
  unlock(keys: RecordKeys, holder: string): Promise<boolean>;
  /** Removes a record whose time has passed, as the service does and DynamoDB Local does not. */
  expire(keys: RecordKeys, nowMillis: number): Promise<boolean>;
  get(keys: RecordKeys): Promise<TableItem | undefined>;
  /** All records of a stored status, by the table's index. */
  withStatus(stored: string): Promise<TableItem[]>;
  /** How many writes were accepted, without expiries. */
  writes(): number;
}

export function createTable(
  documents: DynamoDBDocumentClient,
  TableName: string,
  IndexName: string,
): PipelineTable {
  let writes = 0;
  const counted = async (write: Promise<boolean>) => {
    const isDone = await write;
    if (isDone) writes += 1;
    return isDone;
  };
  return {
    insert: (Item, nowMillis) =>
      counted(
        whetherAccepted(
          documents.send(
            new PutCommand({
              TableName,
              Item,
              ConditionExpression: 'attribute_not_exists(file_key) OR #ttl <= :now',
              ExpressionAttributeNames: { '#ttl': 'ttl' },
              ExpressionAttributeValues: { ':now': seconds(nowMillis) },
            }),
          ),
        ),
      ),
    async put(Item) {
      await counted(whetherAccepted(documents.send(new PutCommand({ TableName, Item }))));
    },
    update: (keys, update) =>
      counted(whetherAccepted(documents.send(new UpdateCommand(updateInput(TableName, keys, update))))),
    unlock: (keys, holder) =>
      counted(
        whetherAccepted(
          documents.send(
            new DeleteCommand({
              TableName,
              Key: keysOf(keys),
              ConditionExpression: 'locked_by = :holder',
              ExpressionAttributeValues: { ':holder': holder },
            }),
          ),
        ),
      ),
    expire: (keys, nowMillis) =>
      whetherAccepted(
        documents.send(
          new DeleteCommand({
            TableName,
            Key: keysOf(keys),
            ConditionExpression: '#ttl <= :now',
            ExpressionAttributeNames: { '#ttl': 'ttl' },
            ExpressionAttributeValues: { ':now': seconds(nowMillis) },
          }),
        ),
      ),
    async get(keys) {
      const { Item } = await documents.send(
        new GetCommand({ TableName, Key: keysOf(keys), ConsistentRead: true }),
      );
      return Item as TableItem | undefined;
    },
    async withStatus(stored) {
      const items: TableItem[] = [];
      const query = {
        TableName,
        IndexName,
        KeyConditionExpression: '#status = :status',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':status': stored },
      };
      for await (const { Items = [] } of paginateQuery({ client: documents }, query)) {
        items.push(...(Items as TableItem[]));
      }
      return items;
    },
    writes: () => writes,
  };
}

function updateInput(
  TableName: string,
  keys: RecordKeys,
  { set, expected = {}, isUnconditional = false }: RecordUpdate,
): UpdateCommandInput {
  const sets = Object.keys(set).map((_, index) => `#s${index} = :s${index}`);
  const conditions = Object.keys(expected).map((_, index) => `#e${index} = :e${index}`);
  const named = (prefix: string, attributes: Attributes) =>
    Object.keys(attributes).map((name, index) => [`#${prefix}${index}`, name]);
  const valued = (prefix: string, attributes: Attributes) =>
    Object.values(attributes).map((value, index) => [`:${prefix}${index}`, value]);
  const condition = ['attribute_exists(file_key)', ...conditions].join(' AND ');
  return {
    TableName,
    Key: keysOf(keys),
    UpdateExpression: `SET ${sets.join(', ')}`,
    ...(!isUnconditional && { ConditionExpression: condition }),
    ExpressionAttributeNames: Object.fromEntries([...named('s', set), ...named('e', expected)]),
    ExpressionAttributeValues: Object.fromEntries([...valued('s', set), ...valued('e', expected)]),
  };
}

function seconds(millis: number): number {
  return Math.floor(millis / 1_000);
}

async function whetherAccepted(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
