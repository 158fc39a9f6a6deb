import { BatchWriteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import pMap, { pMapIterable } from 'p-map';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { applyStoredPlan, resumeChange } from '../../shared/changes/apply.ts';
import type { Change } from '../../shared/changes/change.ts';
import { readChange } from '../../shared/changes/change-table.ts';
import type { ChangeDeps } from '../../shared/changes/context.ts';
import type { PlanEntry } from '../../shared/changes/plan.ts';
import { planOfParts, requirePlan, type StoredPlan } from '../../shared/changes/plan-table.ts';
import { beginPlan, planOn } from '../../shared/changes/planning.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { FIELD_PROFILE } from '../support/profile.ts';
import { type BenchDatabase, PROJECTION_TABLE, TRACKING_TABLE } from './bench-system.ts';
import { watchHeap } from './heap-watch.ts';

/** The cost of planning and applying one change of many files. */
export interface PlannedChange {
  readonly files: number;
  readonly planSeconds: number;
  readonly applySeconds: number;
  /** The largest measured memory, in MB. */
  readonly heldMegabytes: number;
  /** The size of a list of all entries of the plan, in MB. */
  readonly listMegabytes: number;
  /** How often the process was killed at a write. */
  readonly kills: number;
}

const ID = '20261123T052253532Z-bench';
const DATE = '2026-11-23';
const ACTOR = { identity: 'bench', source: 'bench' };
const NOW = Date.parse('2026-11-23T06:00:00Z');
// Without waiting, because only the work is measured.
const TARGET = { new_status: 'quarantined', rate: 1_000 };
const UNTOUCHED = 'untouched.ndjson';
const KILLS = 20;
const LOOKS = 20;
const KEYS_PER_BATCH = 100;

/**
 * Plans and applies a change of many files, in many runs: planning is stopped at random, applying is killed at random
 * writes, and both resume from what is stored.
 *
 * @throws Error if a file was not written exactly once, or if one that is not in the plan was changed
 */
export async function measureChange(database: BenchDatabase, files: number): Promise<PlannedChange> {
  await seed(database, files);
  const context = contextOf(database.newClient(), database.s3);
  const random = randomOf(files);
  const heap = watchHeap();
  const planning = performance.now();
  await plan(context, files, random, heap.look);
  const planSeconds = secondsSince(planning);
  const applying = performance.now();
  const kills = await apply(database, files, random, heap.look);
  const applySeconds = secondsSince(applying);
  await compare(context, files);
  const heldMegabytes = heap.mostMegabytes();
  return { files, planSeconds, applySeconds, heldMegabytes, kills, listMegabytes: await listSize(context) };
}

async function seed({ dynamoDb }: BenchDatabase, files: number): Promise<void> {
  const record = (file_key: string, status: string) => ({
    ...{ date_prefix: { S: DATE }, file_key: { S: file_key }, status: { S: status } },
    ...{ created_at: { S: `${DATE}T01:00:00Z` }, failed_time: { S: `${DATE}T02:00:00Z` } },
  });
  const put = (records: readonly object[]) => {
    const puts = records.map((Item) => ({ PutRequest: { Item: Item as never } }));
    return dynamoDb.send(new BatchWriteItemCommand({ RequestItems: { [TRACKING_TABLE]: puts } }));
  };
  await put([record(UNTOUCHED, 'processing#3')]);
  const batches = Array.from({ length: Math.ceil(files / 25) }, (_, i) => i * 25);
  const batchFrom = (from: number) =>
    Array.from({ length: Math.min(25, files - from) }, (_, i) =>
      record(nameOf(from + i), `failed#${i % 10}`),
    );
  await pMap(batches, (from) => put(batchFrom(from)), { concurrency: 8 });
}

const nameOf = (i: number) => `file-${String(i).padStart(8, '0')}.ndjson`;

async function plan(
  context: ChangeDeps,
  files: number,
  random: (most: number) => number,
  look: () => void,
): Promise<void> {
  const selection = { statuses: ['failed'] };
  const begun = { id: ID, actor: ACTOR, origin: 'bench' };
  let current: StoredPlan = await beginPlan(context, begun, { selection, ...TARGET });
  const everyFiles = Math.ceil(files / LOOKS);
  let seen = 0;
  while (current.state === 'planning') {
    let left = random(everyFiles);
    current = await planOn(context, current, () => {
      seen += 1;
      if (seen % everyFiles === 0) look();
      return left-- <= 0;
    });
  }
}

/** @returns how often it was killed */
async function apply(
  database: BenchDatabase,
  files: number,
  random: (most: number) => number,
  look: () => void,
): Promise<number> {
  const { projection } = contextOf(database.dynamoDb, database.s3);
  const { digest } = await requirePlan(projection, ID);
  const everyFiles = Math.ceil(files / LOOKS);
  let done = 0;
  const options = {
    concurrency: 16,
    ratePerSecond: TARGET.rate,
    onProgress: () => {
      done += 1;
      if (done % everyFiles === 0) look();
    },
  };
  // There are three writes per file: its audit, its record, and its result.
  const mostWrites = Math.ceil((files * 3) / KILLS) * 2;
  for (let kills = 0; ; kills++) {
    const context = contextOf(dyingClient(database, random(mostWrites)), database.s3);
    const run = (): Promise<Change> =>
      kills === 0
        ? applyStoredPlan(context, { planId: ID, digest }, { actor: ACTOR, reason: 'bench' }, options)
        : resumeChange(context, ID, ACTOR, options);
    const ended = await run().catch(() => undefined);
    if (ended?.state === 'done') return kills;
  }
}

/** The client of a process that dies after its n-th write: from then on nothing is sent. */
function dyingClient({ newClient }: BenchDatabase, last: number): DynamoDBClient {
  const client = newClient();
  let writes = 0;
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        if (/^(Put|Update|TransactWrite)/.test(commandName)) writes += 1;
        if (writes > last) throw new Error('killed');
        return next(args);
      },
    { step: 'build' },
  );
  return client;
}

/** By keys, since DynamoDB Local takes seconds for each page of a scan of a million. */
async function compare({ tracking, projection }: ChangeDeps, files: number): Promise<void> {
  let found = 0;
  const names = [UNTOUCHED, ...Array.from({ length: files }, (_, i) => nameOf(i))];
  const batches = Array.from({ length: Math.ceil(names.length / KEYS_PER_BATCH) }, (_, i) =>
    names.slice(i * KEYS_PER_BATCH, (i + 1) * KEYS_PER_BATCH),
  );
  const read = async (keys: readonly string[]) => {
    const Keys = keys.map((file_key) => ({ date_prefix: DATE, file_key }));
    const RequestItems = { [tracking.name]: { Keys, ConsistentRead: true } };
    const { Responses } = await tracking.docs.send(new BatchGetCommand({ RequestItems }));
    return Responses?.[tracking.name] ?? [];
  };
  for await (const items of pMapIterable(batches, read, { concurrency: 8 })) {
    for (const { file_key, status, state_change_id } of items) {
      const isRight =
        file_key === UNTOUCHED
          ? status === 'processing#3' && state_change_id === undefined
          : String(status).startsWith('quarantined#') && state_change_id === ID;
      if (!isRight) throw new Error(`${file_key} is ${status}, by ${state_change_id}.`);
      found += 1;
    }
  }
  const change = await readChange(projection, ID);
  if (found !== names.length || change?.counts?.applied !== files)
    throw new Error(
      `Of ${names.length} records ${found} were found, and ${change?.counts?.applied} counted.`,
    );
}

/** The memory that a plan takes if it is held as one list. */
async function listSize({ projection }: ChangeDeps): Promise<number> {
  const heap = watchHeap();
  const all: PlanEntry[] = [];
  for await (const entry of planOfParts(projection, await requirePlan(projection, ID)).entries())
    all.push(entry);
  heap.look();
  return all.length > 0 ? heap.mostMegabytes() : 0;
}

/** Without buckets: nothing is reset to pending, so no object is looked up. */
function contextOf(client: DynamoDBClient, s3: S3Client): ChangeDeps {
  const docs = dynamoDbDocuments(client);
  return {
    tracking: trackingTable(docs, TRACKING_TABLE, FIELD_PROFILE),
    projection: { docs, name: PROJECTION_TABLE },
    storage: { s3, buckets: { input: 'in', manifest: 'manifests', output: 'out', quarantine: 'refused' } },
    profile: FIELD_PROFILE,
    now: NOW,
    approval: undefined,
    clock: Date.now,
    sleep: () => Promise.resolve(),
  };
}

function randomOf(seed: number): (most: number) => number {
  const generator = xoroshiro128plus(seed);
  return (most) => 1 + ((generator.next() >>> 0) % most);
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1_000;
}
