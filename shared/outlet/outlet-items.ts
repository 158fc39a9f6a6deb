import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import type { OutletState } from './look.ts';
import type { Notice } from './notice.ts';

/** The outlet's state, and how often it was written: the guard against two runs at the same time. */
export interface KeptState {
  readonly state: OutletState | undefined;
  readonly revision: number;
}

const STATE = { pk: 'OUTLET', sk: 'state' };
const SENT = 'SENT';
const SENT_SECONDS = 30 * 86_400;
const CONCURRENT_PUTS = 8;

export async function readState({ docs, name }: Table): Promise<KeptState> {
  const { Item } = await docs.send(new GetCommand({ TableName: name, Key: STATE, ConsistentRead: true }));
  return Item
    ? { state: JSON.parse(String(Item.state)) as OutletState, revision: Number(Item.revision) }
    : { state: undefined, revision: 0 };
}

/** @returns the new revision; undefined if another run has written since this one read */
export async function saveState(
  { docs, name }: Table,
  state: OutletState,
  revision: number,
): Promise<number | undefined> {
  const put = new PutCommand({
    TableName: name,
    Item: { ...STATE, state: JSON.stringify(state), revision: revision + 1 },
    ConditionExpression: revision === 0 ? 'attribute_not_exists(pk)' : 'revision = :revision',
    ...(revision > 0 && { ExpressionAttributeValues: { ':revision': revision } }),
  });
  try {
    await docs.send(put);
    return revision + 1;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  }
}

/** Keeps notices that the bus has accepted, for people who look here: each notice once. */
export async function keepSent({ docs, name }: Table, sent: readonly Notice[]): Promise<void> {
  const put = (notice: Notice) => {
    const expires_at = Math.floor(Date.parse(notice.at) / 1_000) + SENT_SECONDS;
    const Item = { pk: SENT, sk: `${notice.at}#${notice.id}`, notice: JSON.stringify(notice), expires_at };
    return docs.send(new PutCommand({ TableName: name, Item }));
  };
  await pMap(sent, put, { concurrency: CONCURRENT_PUTS });
}

/** The latest notices that were sent, newest first. */
export async function readSent({ docs, name }: Table, most: number): Promise<Notice[]> {
  const { Items = [] } = await docs.send(
    new QueryCommand({
      TableName: name,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': SENT },
      ScanIndexForward: false,
      Limit: most,
    }),
  );
  return Items.map(({ notice }) => JSON.parse(String(notice)) as Notice);
}
