import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import pMap from 'p-map';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import type { ChangeFile } from '../../shared/changes/change.ts';
import { eachChangeFile } from '../../shared/changes/change-file-table.ts';
import type { ChangeDeps, ChangeRequest } from '../../shared/changes/context.ts';
import { makePlan, newPlanHeader, type Plan, type PlanEntry } from '../../shared/changes/plan.ts';
import { type FileRequest, planFiles } from '../../shared/changes/plan-entry.ts';
import type { RawAttributes, RecordKey } from '../../shared/pipeline/tracking-table.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import type { LocalAws } from './local-aws.ts';
import { FIELD_PROFILE } from './profile.ts';

export const CHANGED_AT = Date.parse('2026-11-23T06:00:00Z');
export const DATE = '2026-11-23';

/** The dependencies of a test's changes; nothing waits. */
export function changeContext(aws: LocalAws, now = CHANGED_AT, client = aws.dynamoDb): ChangeDeps {
  const docs = dynamoDbDocuments(client);
  return {
    tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
    projection: { docs, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    now,
    approval: undefined,
    clock: () => now,
    sleep: () => Promise.resolve(),
  };
}

export function changeRequest(id: string, reason = 'stuck since the outage'): ChangeRequest {
  return {
    id,
    actor: { identity: 'arn:aws:sts::123456789012:assumed-role/Ops/alice', source: 'sts' },
    reason,
  };
}

export function rawFile(
  file_key: string,
  attributes: Record<string, AttributeValue>,
): Record<string, AttributeValue> {
  return { date_prefix: { S: DATE }, file_key: { S: file_key }, ...attributes };
}

/** Records as in the field; with each of them an undo could go wrong in a different way. */
export const FIELD_FILES: readonly Record<string, AttributeValue>[] = [
  rawFile('plain.ndjson', {
    status: { S: 'processing' },
    created_at: { S: '2026-11-23T01:00:00Z' },
    updated_at: { S: '2026-11-23T01:10:00.000Z' },
    manifest_path: { S: 's3://manifests/batch-0001.json' },
    processing_start_time: { S: '2026-11-23T01:10:00Z' },
    reset_count: { N: '2' },
  }),
  rawFile('sharded+name.ndjson', {
    status: { S: 'processing#3' },
    shard_id: { N: '3' },
    file_size_mb: { N: '0.005183219909667969' },
    created_at: { S: '2026-11-23T01:00:00.532494+00:00' },
    updated_at: { S: '2026-11-23T01:10:00.532494+00:00' },
    manifest_path: { NULL: true },
    ttl: { N: '1798003373' },
  }),
  rawFile('never-updated.ndjson', {
    status: { S: 'processing#12' },
    created_at: { S: '2026-11-23T01:00:00' },
    note: { M: { list: { L: [{ N: '12345678901234567890123456789012345678' }, { BOOL: false }] } } },
    reset_count: { S: '99999999999999999999' },
    blob: { B: Uint8Array.from([1, 2, 3]) },
    names: { SS: ['a', 'b'] },
  }),
  rawFile('no-times.ndjson', { status: { S: 'processing#0' } }),
];

/** A record that no change may affect; every test of a write has it. */
export const UNTOUCHED = rawFile('untouched.ndjson', {
  status: { S: 'processing#3' },
  created_at: { S: '2026-11-23T01:00:00Z' },
  manifest_path: { NULL: true },
});

export async function putRaw(aws: LocalAws, items: readonly Record<string, AttributeValue>[]): Promise<void> {
  for (let from = 0; from < items.length; from += 25) {
    const puts = items.slice(from, from + 25).map((Item) => ({ PutRequest: { Item } }));
    await aws.dynamoDb.send(new BatchWriteItemCommand({ RequestItems: { [aws.trackingTable]: puts } }));
  }
}

/** The whole tracking table by file_key, read by a scan that shares no code with the project. */
export async function scanRaw(
  aws: LocalAws,
  table = aws.trackingTable,
): Promise<Record<string, RawAttributes>> {
  const records: Record<string, RawAttributes> = {};
  let start: Record<string, AttributeValue> | undefined;
  do {
    const page = await aws.dynamoDb.send(
      new ScanCommand({ TableName: table, ExclusiveStartKey: start, ConsistentRead: true }),
    );
    for (const item of page.Items ?? []) records[item.file_key?.S ?? item.sk?.S ?? ''] = item;
    start = page.LastEvaluatedKey;
  } while (start);
  return records;
}

export function keyOf(record: RawAttributes): RecordKey {
  return { date_prefix: record.date_prefix?.S ?? '', file_key: record.file_key?.S ?? '' };
}

/** A plan for files as they are now; every request must be possible to plan. Obstacles against resets have their own tests. */
export async function planOf(context: ChangeDeps, requests: readonly FileRequest[]): Promise<Plan> {
  const entries: PlanEntry[] = [];
  const insisting = requests.map((request) => ({ force: true, ...request }));
  for await (const planned of planFiles(context, insisting)) {
    if (planned.kind !== 'planned') throw new Error(`not planned: ${JSON.stringify(planned)}`);
    entries.push(planned.entry);
  }
  return makePlan(newPlanHeader({ table: context.tracking.name }, 'test', context.now), entries);
}

/** Plans to reset all files of the field. */
export function planReset(context: ChangeDeps): Promise<Plan> {
  return planOf(
    context,
    FIELD_FILES.map((record) => ({ ...keyOf(record), new_status: 'pending' })),
  );
}

/** The audit of each file, by file_key. */
export async function auditOf({ projection }: ChangeDeps, id: string): Promise<Record<string, ChangeFile>> {
  const files: Record<string, ChangeFile> = {};
  for await (const file of eachChangeFile(projection, id)) files[file.key.file_key] = file;
  return files;
}

const WRITES = /^(Put|Update|Delete|BatchWrite|TransactWrite)/;

interface Fault {
  readonly error: Error;
  /** Whether the write reached the table and only its answer was lost. */
  readonly isWritten?: boolean;
}

/** A client whose writes fail as specified; `write` counts from 1, and `table` is the table of the write. */
export async function faultyClient(
  aws: LocalAws,
  faultOf: (write: number, table: string) => Fault | undefined,
): Promise<DynamoDBClient> {
  const { region, endpoint, credentials } = aws.dynamoDb.config;
  const client = new DynamoDBClient({ region, endpoint: await endpoint?.(), credentials, maxAttempts: 1 });
  let write = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (!WRITES.test(context.commandName ?? '')) return next(args);
      write += 1;
      const fault = faultOf(write, (args.input as { TableName?: string }).TableName ?? '');
      if (!fault) return next(args);
      if (fault.isWritten) await next(args);
      throw fault.error;
    },
    { step: 'build' },
  );
  return client;
}

/**
 * The client of a process that is killed at its n-th write (from 1): from then on nothing is written. With `isWritten`
 * that write still reaches the table.
 */
export async function dyingClient(aws: LocalAws, last: number, isWritten: boolean) {
  let isDead = false;
  const client = await faultyClient(aws, (write) => {
    isDead ||= write >= last;
    return isDead ? { error: new Error('killed'), isWritten: isWritten && write === last } : undefined;
  });
  return { client, isDead: () => isDead };
}

/** Records without audit attributes, and only the files of the field. */
export function unmarked(records: Readonly<Record<string, RawAttributes>>): Record<string, RawAttributes> {
  const isMark = (name: string) => name.startsWith('state_change_');
  return Object.fromEntries(
    Object.entries(records).map(([key, record]) => [
      key,
      Object.fromEntries(Object.entries(record).filter(([name]) => !isMark(name))),
    ]),
  );
}

/** Puts the input objects of these files where the pipeline of the field has them; without them no file is reset. */
export async function putInputs(
  { s3, buckets }: Pick<LocalAws, 's3' | 'buckets'>,
  names: readonly string[],
  date = DATE,
): Promise<void> {
  const put = (name: string) =>
    s3.send(
      new PutObjectCommand({ Bucket: buckets.input, Key: `pipeline/input/${date}/${name}`, Body: '{}' }),
    );
  await pMap(names, put, { concurrency: 16 });
}
