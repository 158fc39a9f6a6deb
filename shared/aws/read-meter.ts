import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

/** What the reads of a client have consumed. */
export interface ReadMeter {
  readUnits(): number;
}

/** Adds up the read units of everything that a client reads from now on, as DynamoDB reports them per request. */
export function meterReads(client: DynamoDBClient): ReadMeter {
  let readUnits = 0;
  aroundReads(client, 'readMeter', {
    ready: () => undefined,
    used: (units) => {
      readUnits += units;
    },
  });
  return { readUnits: () => readUnits };
}

/** Is asked before each read, and then informed of its cost; `shared/flow/pacer.ts` makes one. */
interface Pace {
  ready(): Promise<void> | undefined;
  used(readUnits: number): void;
}

/** Limits how fast a client reads one table and its indexes from now on; it replaces any earlier limit. */
export function paceReads(client: DynamoDBClient, tableName: string, pace: Pace): void {
  aroundReads(client, 'readPace', pace, tableName);
}

const READS: ReadonlySet<string | undefined> = new Set([
  'BatchGetItemCommand',
  'GetItemCommand',
  'QueryCommand',
  'ScanCommand',
]);

function aroundReads(client: DynamoDBClient, name: string, { ready, used }: Pace, onlyTable?: string): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const isElsewhere = onlyTable !== undefined && !readsTable(args.input as Read, onlyTable);
        if (!READS.has(commandName) || isElsewhere) return next(args);
        await ready();
        const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' as const };
        const result = await next({ ...args, input });
        const { ConsumedCapacity } = result.output as { ConsumedCapacity?: Consumed | Consumed[] };
        for (const { CapacityUnits = 0 } of [ConsumedCapacity ?? []].flat()) used(CapacityUnits);
        return result;
      },
    { step: 'initialize', name, override: true },
  );
}

interface Read {
  readonly TableName?: string;
  /** By table, of a request for many items. */
  readonly RequestItems?: Readonly<Record<string, unknown>>;
}

function readsTable({ TableName, RequestItems = {} }: Read, name: string): boolean {
  return TableName === name || Object.hasOwn(RequestItems, name);
}

interface Consumed {
  readonly CapacityUnits?: number;
}
