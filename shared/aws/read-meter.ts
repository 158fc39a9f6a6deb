import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What the reads of a client have consumed. */
export interface ReadMeter {
  readUnits(): number;
}

const READS: ReadonlySet<string | undefined> = new Set([
  'BatchGetItemCommand',
  'GetItemCommand',
  'QueryCommand',
  'ScanCommand',
]);

/** Adds up the read units of all that a client reads from now on, as DynamoDB tells them for each request. */
export function meterReads(client: DynamoDBClient): ReadMeter {
  let readUnits = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (!READS.has(commandName)) return next(args);
        const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' as const };
        const result = await next({ ...args, input });
        const { ConsumedCapacity } = result.output as { ConsumedCapacity?: Consumed | Consumed[] };
        for (const { CapacityUnits = 0 } of [ConsumedCapacity ?? []].flat()) readUnits += CapacityUnits;
        return result;
      },
    { step: 'initialize', name: 'readMeter' },
  );
  return { readUnits: () => readUnits };
}

interface Consumed {
  readonly CapacityUnits?: number;
}
