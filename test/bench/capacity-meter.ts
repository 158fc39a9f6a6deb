import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** Adds up the capacity that a client's requests consumed, as the engine reports it; transactions are not included. */
export function capacityMeter(client: DynamoDBClient) {
  let requests = 0;
  let units = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const { ConsumedCapacity } = result.output as { ConsumedCapacity?: { CapacityUnits?: number } };
      requests += 1;
      units += ConsumedCapacity?.CapacityUnits ?? 0;
      return result;
    },
    { step: 'initialize', override: true, name: 'capacityMeter' },
  );
  return {
    reset: () => {
      requests = 0;
      units = 0;
    },
    read: () => ({ requests, units }),
  };
}
