import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { createRandom } from '../../infra/simulator/random.ts';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { meterReads } from '../../shared/aws/read-meter.ts';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { nothingSeen } from '../../shared/projection/seen.ts';
import { FIELD_INDEX, usualSuffixesOf } from '../../shared/settings/index-profile.ts';
import { type FailureSummary, readFailures } from '../../shared/statistics/read-failures.ts';
import { createEngine } from '../engine/engine.ts';
import { createMemoryTable } from '../engine/memory-table.ts';
import { CAUSES, failureText } from '../support/failure-texts.ts';
import { streamedTable, uploaded } from '../support/stream-records.ts';
import { type BenchDatabase, PROJECTION_TABLE, withBenchSystem } from './bench-system.ts';
import { chunks } from './numbers.ts';
import { printTable } from './print.ts';
import { type Row, rowOf } from './row.ts';
import type { Section } from './section.ts';

const NAME = 'failures';
const FILES = 1_000_000;
/** How many files fail together, with one manifest. */
const PER_MANIFEST = 50;
const PER_BATCH = 1_000;
const NOW = Date.parse('2026-11-23T06:00:00Z');
const DATE = '2026-11-23';

/**
 * The consumer counts into a table in memory, because DynamoDB Local would take an hour. The reads that are measured go to
 * DynamoDB Local, with the same counters.
 */
export const failuresSection: Section = {
  name: NAME,
  about: `what get_failures reads after ${FILES.toLocaleString('en-US')} failures of ${CAUSES.length} causes`,
  run: () =>
    withBenchSystem(async (system) => {
      const rows = rowsFor(await measure(await system.database()));
      return { rows, growth: [] };
    }),
};

interface Measured {
  readonly classes: readonly FailureSummary[];
  readonly readUnits: number;
  /** Failures that are counted in no class, or in two. */
  readonly miscounted: number;
}

async function measure({ dynamoDb, s3 }: BenchDatabase): Promise<Measured> {
  const local = { docs: dynamoDbDocuments(dynamoDb), name: PROJECTION_TABLE };
  const memory = createMemoryTable();
  const deps = {
    now: NOW,
    random: Math.random,
    sleep: () => Promise.resolve(),
    remainingMillis: () => 60_000,
    seen: { ...nothingSeen(undefined), dates: new Set([DATE]) },
    usualSuffixes: usualSuffixesOf(FIELD_INDEX),
  };
  const deadLetters = { s3, bucket: 'dead-letters' };
  const random = createRandom(1);
  // The classes are registered in the table that is read.
  const first = streamedTable();
  const one = [...CAUSES.keys()].map((index) => failed(first, `first-${index}`, index, random));
  await consumeBatch(one, { ...deps, projection: local }, deadLetters);
  const inMemory = { docs: memory.documents(unhindered(memory)), name: PROJECTION_TABLE };
  for (let from = CAUSES.length; from < FILES; from += PER_BATCH) {
    const table = streamedTable({ first: BigInt(from) * 10n + 999_999_999_999_999_999_990n });
    const records = Array.from({ length: Math.min(PER_BATCH, FILES - from) }, (_, i) =>
      failed(table, `f-${from + i}`, Math.floor((from + i) / PER_MANIFEST), random),
    );
    const { unapplied } = await consumeBatch(records, { ...deps, projection: inMemory }, deadLetters);
    if (unapplied.length > 0) throw new Error('the stream was not applied completely');
    memory.drop(({ pk }) => String(pk).startsWith('FILE#'));
  }
  await addCounters(memory.items(), local);
  const meter = meterReads(dynamoDb);
  const classes = await readFailures(local, undefined, NOW);
  const readUnits = meter.readUnits();
  const counted = classes.reduce((sum, { failed: count }) => sum + count, 0);
  return { classes, readUnits, miscounted: Math.abs(FILES - counted) };
}

function failed(
  table: ReturnType<typeof streamedTable>,
  key: string,
  cause: number,
  random: ReturnType<typeof createRandom>,
) {
  const error_message = failureText(cause, random).text;
  return table.write(`${key}.ndjson`, { ...uploaded(), status: 'failed#3', error_message }, DATE);
}

function unhindered({ bytesOf }: ReturnType<typeof createMemoryTable>) {
  return createEngine({
    keys: { [PROJECTION_TABLE]: ['pk', 'sk'] },
    ...{ conflicts: false, capacity: undefined, latency: () => 0, bytesOf },
    ...{ now: () => NOW, sleep: () => Promise.resolve() },
  });
}

/** Copies the counters into the table that is read, into slots other than those of the first batch. */
async function addCounters(
  items: readonly Readonly<Record<string, unknown>>[],
  { docs, name }: { readonly docs: ReturnType<typeof dynamoDbDocuments>; readonly name: string },
): Promise<void> {
  const counters = items.filter(({ pk, sk }) => pk === 'STATS#ALL' && String(sk).startsWith('~'));
  const apart = counters.map((item) => ({ ...item, sk: String(item.sk).replace(/\d+$/, '99') }));
  for (const part of chunks(apart, 25)) {
    const puts = part.map((Item) => ({ PutRequest: { Item } }));
    await docs.send(new BatchWriteCommand({ RequestItems: { [name]: puts } }));
  }
}

function rowsFor({ classes, readUnits, miscounted }: Measured): Row[] {
  printTable(
    'Classes of failures',
    ['class', 'failed'],
    classes.map(({ class: id, failed: count }) => [id, count]),
  );
  const row = (name: string, value: number, unit: string, limit: number, because: string) =>
    rowOf(NAME, {
      ...{ name, size: FILES, sizeUnit: 'failures', value, unit },
      ...{ baseline: 'causes', baselineValue: CAUSES.length },
      goal: { of: 'value', bound: 'at most', limit, because },
    });
  return [
    row('get_failures, reads', readUnits, 'read units', 2, 'It takes one Query of one partition.'),
    row('get_failures, rows', classes.length, 'classes', CAUSES.length, 'Each cause is one class.'),
    row('failures in no class or in two', miscounted, 'failures', 0, 'The sum must be exact.'),
  ];
}
