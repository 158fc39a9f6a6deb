import { writeFileSync } from 'node:fs';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { itemBytes } from '../support/item-size.ts';
import { createConsumer } from './bench-consumer.ts';
import { type BenchSystem, PROJECTION_TABLE, withBenchSystem } from './bench-system.ts';
import { batchesOf, recordTimedLife, type TimedRecord } from './freshness.ts';
import { printTable } from './print.ts';
import { rowOf } from './row.ts';
import type { BenchRun, Section } from './section.ts';
import { meterTransactions } from './transaction-meter.ts';

const NAME = 'freshness';
const UNITS_FILE = new URL('../../infra/measured-units.json', import.meta.url);
/** How many files are recorded; the more files a day, the more are needed for a steady flow. */
const FILES: readonly (readonly [filesPerDay: number, files: number])[] = [
  [10_000, 400],
  [338_000, 1_500],
  [10_000_000, 3_000],
];
const WINDOWS = [1, 5, 20, 60, 300];
const MOST_RECORDS = 10_000;

/** The cost of the batches of one window, for one number of files a day. */
interface BatchCost {
  readonly filesPerDay: number;
  readonly windowSeconds: number;
  readonly recordsPerBatch: number;
  readonly writeUnitsPerTransition: number;
}

/** The results for one number of files a day. */
interface Flow {
  readonly batches: readonly BatchCost[];
  readonly transitionsPerFile: number;
  readonly recordsPerFile: number;
  readonly streamRecordBytes: number;
  readonly trackingRecordBytes: number;
  readonly projectionBytesPerFile: number;
}

/**
 * The cost curve of freshness: files of the simulated pipeline arrive in virtual time at a given rate, and the stream is
 * cut into the batches that Lambda would make of it. Several rates are measured, because changes come in bursts of the size
 * of a manifest.
 */
export const freshnessSection: Section = {
  name: NAME,
  about: 'write units per transition by the batching window, at 10,000 to 10,000,000 files a day',
  async run({ writeUnits, date }: BenchRun) {
    const flows: Flow[] = [];
    for (const [filesPerDay, files] of FILES) {
      flows.push(await withBenchSystem((system) => measureFlow(system, filesPerDay, files)));
    }
    const batches = flows.flatMap((flow) => flow.batches);
    print(batches);
    if (writeUnits) writeFileSync(UNITS_FILE, unitsText(flows, date));
    return { rows: batches.map((cost) => rowFor(cost, batches)), growth: [] };
  },
};

async function measureFlow(system: BenchSystem, filesPerDay: number, files: number): Promise<Flow> {
  const life = await recordTimedLife(await system.database(), { filesPerDay, files });
  const batches: BatchCost[] = [];
  let [transitions, bytes] = [0, 0];
  for (const windowSeconds of WINDOWS) {
    const { dynamoDb, s3 } = await system.database();
    const meter = meterTransactions(dynamoDb);
    const consume = createConsumer(dynamoDb, s3);
    const cut = batchesOf(life, { windowSeconds, batchSize: MOST_RECORDS });
    transitions = 0;
    for (const batch of cut) transitions += (await consume(batch)).applied;
    batches.push({
      filesPerDay,
      windowSeconds,
      recordsPerBatch: life.length / cut.length,
      writeUnitsPerTransition: meter.writeUnits() / transitions,
    });
    bytes = await bytesOfProjection(dynamoDb);
  }
  return {
    batches,
    transitionsPerFile: transitions / files,
    recordsPerFile: life.length / files,
    ...sizesOf(life),
    projectionBytesPerFile: bytes / files,
  };
}

async function bytesOfProjection(dynamoDb: DynamoDBClient): Promise<number> {
  const client = DynamoDBDocumentClient.from(dynamoDb);
  let bytes = 0;
  for await (const { Items = [] } of paginateScan({ client }, { TableName: PROJECTION_TABLE }))
    bytes += Items.reduce((sum, item) => sum + itemBytes(item), 0);
  return bytes;
}

function sizesOf(life: readonly TimedRecord[]): Pick<Flow, 'streamRecordBytes' | 'trackingRecordBytes'> {
  const images = life.flatMap(({ record }) => (record.dynamodb?.NewImage ? [record.dynamodb.NewImage] : []));
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  type Raw = Parameters<typeof unmarshall>[0];
  return {
    streamRecordBytes: sum(life.map(({ record }) => JSON.stringify(record).length)) / life.length,
    trackingRecordBytes: sum(images.map((image) => itemBytes(unmarshall(image as Raw)))) / images.length,
  };
}

function rowFor(cost: BatchCost, all: readonly BatchCost[]) {
  const shortest = all.find(({ filesPerDay }) => filesPerDay === cost.filesPerDay) ?? cost;
  return rowOf(NAME, {
    name: `batches of ${cost.windowSeconds} s`,
    size: cost.filesPerDay,
    sizeUnit: 'files a day',
    value: cost.writeUnitsPerTransition,
    unit: 'write units per transition',
    baseline: `batches of ${shortest.windowSeconds} s`,
    baselineValue: shortest.writeUnitsPerTransition,
  });
}

/** The units that `npm run costs` uses; those of a file are the means over all rates. */
function unitsText(flows: readonly Flow[], date: string): string {
  const rounded = (value: number) => Number(value.toPrecision(3));
  const mean = (pick: (flow: Flow) => number) =>
    rounded(flows.reduce((sum, flow) => sum + pick(flow), 0) / flows.length);
  const units = {
    measuredOn: date.slice(0, 10),
    transitionsPerFile: mean((flow) => flow.transitionsPerFile),
    recordsPerFile: mean((flow) => flow.recordsPerFile),
    streamRecordBytes: mean((flow) => flow.streamRecordBytes),
    trackingRecordBytes: mean((flow) => flow.trackingRecordBytes),
    projectionBytesPerFile: mean((flow) => flow.projectionBytesPerFile),
    batches: flows.flatMap(({ batches }) =>
      batches.map((cost) => ({
        ...cost,
        recordsPerBatch: rounded(cost.recordsPerBatch),
        writeUnitsPerTransition: rounded(cost.writeUnitsPerTransition),
      })),
    ),
  };
  return `${JSON.stringify(units, undefined, 2)}\n`;
}

function print(costs: readonly BatchCost[]): void {
  printTable(
    'The cost of freshness',
    ['files a day', 'window', 'records a batch', 'write units per transition'],
    costs.map((cost) => [
      cost.filesPerDay,
      `${cost.windowSeconds} s`,
      cost.recordsPerBatch.toFixed(1),
      cost.writeUnitsPerTransition.toFixed(2),
    ]),
  );
}
