import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Adds up what queries consumed, as the engine reports it for each. */
export function readMeter(client: DynamoDBClient) {
  let requests = 0;
  let readUnits = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: { CapacityUnits?: number } };
      requests += 1;
      readUnits += ConsumedCapacity?.CapacityUnits ?? 0;
      return result;
    },
    { step: 'initialize', override: true, name: 'readMeter' },
  );
  return {
    reset: () => {
      requests = 0;
      readUnits = 0;
    },
    read: () => ({ requests, readUnits }),
  };
}
