import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { parseStreamRecord } from '../../shared/projection/stream-record.ts';
import type { Transition } from '../../shared/projection/transition.ts';
import { PROJECTION_TABLE } from './bench-system.ts';
import { capacityMeter } from './capacity-meter.ts';
import { PLAIN_IN_FLIGHT } from './transactions.ts';
import { type Counts, countName } from './true-counts.ts';

const ALL = 'STATS#ALL';

/**
 * A consumer as a first attempt would be: for each record an ADD on both counters and an item for its event. It
 * stores nothing that shows whether it has seen a record before. It avoids worse mistakes: it skips records that
 * change no status, and an event that is delivered again replaces itself.
 */
export function createNaiveConsumer(client: DynamoDBClient) {
  const meter = capacityMeter(client);
  const docs = dynamoDbDocuments(client);
  return {
    async consume(records: readonly unknown[]): Promise<void> {
      await pMap(transitionsIn(records), (transition) => write(docs, transition), {
        concurrency: PLAIN_IN_FLIGHT,
      });
    },
    writeUnits: () => meter.read().units,
    async counts(): Promise<Counts> {
      const { Item = {} } = await docs.send(
        new GetCommand({ TableName: PROJECTION_TABLE, Key: { pk: ALL, sk: 'counts' } }),
      );
      return new Map(
        Object.entries(Item).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
      );
    },
  };
}

export function transitionsIn(records: readonly unknown[]): Transition[] {
  const transitions: Transition[] = [];
  for (const record of records) {
    const parsed = parseStreamRecord(record);
    if (parsed.kind === 'transition') transitions.push(parsed.transition);
  }
  return transitions;
}

async function write(docs: DynamoDBDocumentClient, transition: Transition): Promise<void> {
  await Promise.all([
    docs.send(new UpdateCommand(addition(ALL, transition))),
    docs.send(new UpdateCommand(addition(`STATS#${transition.date_prefix}`, transition))),
    docs.send(new PutCommand({ TableName: PROJECTION_TABLE, Item: eventItem(transition) })),
  ]);
}

function addition(pk: string, { entity, from, to }: Transition) {
  const amounts = [
    ...(from === undefined ? [] : [[countName(entity, from), -1] as const]),
    ...(to === undefined ? [] : [[countName(entity, to), 1] as const]),
  ];
  return {
    TableName: PROJECTION_TABLE,
    Key: { pk, sk: 'counts' },
    UpdateExpression: `ADD ${amounts.map((_, i) => `#c${i} :c${i}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(amounts.map(([name], i) => [`#c${i}`, name])),
    ExpressionAttributeValues: Object.fromEntries(amounts.map(([, amount], i) => [`:c${i}`, amount])),
  };
}

/** One item of a timeline: the minimum to write for a transition. */
export function eventItem({ date_prefix, file_key, event }: Transition): Record<string, string> {
  const { event: name, time, status = '' } = event;
  return { pk: `EVENT#${date_prefix}#${file_key}`, sk: event.position, event: name, time, status };
}
