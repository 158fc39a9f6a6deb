import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { LambdaFunction } from '../../infra/local-lambda/function.ts';
import type { RecordKey } from '../../shared/pipeline/tracking-table.ts';
import { consumeBatch } from '../../shared/projection/consume.ts';
import { counterPartition } from '../../shared/projection/counter-kind.ts';
import { keepAcknowledgement } from '../../shared/reports/acknowledgements.ts';
import { noteLost } from '../../shared/reports/noted.ts';
import { dayOf } from '../../shared/text/time.ts';
import { fieldFiles } from './field-files.ts';
import type { LocalAws } from './local-aws.ts';
import { putOutputRow } from './output-rows.ts';
import { FIELD_PROFILE } from './profile.ts';
import { applyDeps } from './projection.ts';
import { streamedTable, uploaded } from './stream-records.ts';

/** Makes a function do everything that it does on AWS; at the end it has needed each of its permissions. */
export type Scenario = (fn: LambdaFunction, aws: LocalAws) => Promise<void>;

/** By handler. A function without a scenario fails its test. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'stream-consumer': consumeEverything,
  operations: askEverything,
  'operations-read': askToRead,
  'dashboard-widget': drawEverything,
  'stats-publisher': publishEverything,
  'orphan-sweep': sweepEverything,
  'consistency-audit': auditEverything,
  'projection-rebuild': rebuildEverything,
  watchdog: watchEverything,
  outlet: tellEverything,
};

const DATE = '2026-11-23';

/**
 * A life with so many resets that its timeline needs pages, delivered twice; a file that fails for a new cause; and a
 * record that cannot be understood.
 */
async function consumeEverything(fn: LambdaFunction): Promise<void> {
  const table = streamedTable({ createdSeconds: Date.parse('2026-11-23T08:00:00Z') / 1_000 });
  const life = [
    table.write('a.ndjson', uploaded()),
    ...Array.from({ length: 4 }).flatMap(() => [
      table.write('a.ndjson', { status: 'manifested#3', manifest_time: '2026-11-23T06:00:00Z' }),
      table.write('a.ndjson', { status: 'pending#3' }),
    ]),
    table.write('a.ndjson', { status: 'processing#3', processing_start_time: '2026-11-23T07:00:00Z' }),
    table.write('a.ndjson', { status: 'completed#3', completed_time: '2026-11-23T08:00:00Z' }),
  ];
  for (const record of life) await succeed(fn, { Records: [record] });
  await succeed(fn, { Records: life });
  const failed = { ...uploaded(), status: 'failed#3', error_message: 'never seen before' };
  await succeed(fn, { Records: [table.write('b.ndjson', uploaded()), table.write('b.ndjson', failed)] });
  await succeed(fn, { Records: [{ eventName: 'MODIFY', dynamodb: { SequenceNumber: '1' } }] });
}

async function askToRead(fn: LambdaFunction, aws: LocalAws): Promise<void> {
  const file = { date_prefix: DATE, file_key: 'read.ndjson' };
  await seedFaults(aws, file.file_key);
  await putOutputRow(aws, DATE);
  await askReading(fn, file);
  await succeed(fn, { operation: 'list_changes' });
  await succeed(fn, { operation: 'describe_operations' });
}

async function askReading(fn: LambdaFunction, file: RecordKey): Promise<void> {
  const ask = (operation: string, input: object = {}) => succeed(fn, { operation, ...input });
  await ask('get_stats');
  await ask('get_failures');
  await ask('get_failures', { class: 'other' });
  await ask('get_file_state', file);
  await ask('get_file_state', { date_prefix: DATE });
  await ask('query_by_status', { status: 'completed' });
  await ask('query_by_status', { status: 'failed', class: 'other' });
  await ask('get_processing_timeline', file);
  await ask('find_orphans');
  await ask('explain_file', file);
  await ask('validate_consistency', { date_prefix: DATE });
  await ask('verify_data', { date_prefix: DATE });
}

async function askEverything(fn: LambdaFunction, aws: LocalAws): Promise<void> {
  const stuck = { date_prefix: DATE, file_key: 'asked.ndjson' };
  await seedFaults(aws, stuck.file_key);
  await putOutputRow(aws, DATE);
  await askReading(fn, stuck);
  const ask = (operation: string, input: object = {}) => succeed(fn, { operation, ...input });
  const { change_id } = await ask('reset_stuck_files', {
    ...{ status: ['processing', 'manifested'], whole: true, dry_run: false, force: true, reason: 'test' },
  });
  await ask('resume_change', { change_id });
  await ask('get_change', { change_id });
  await ask('list_changes');
  await ask('undo_change', { change_id, dry_run: false, reason: 'test' });
  await ask('update_state', { ...stuck, new_status: 'failed', reason: 'test' });
  const planned = await ask('plan_change', { files: [stuck], new_status: 'pending', force: true });
  const { plan_id, digest } = planned;
  await ask('get_plan', { plan_id });
  // It waits for the outcome of the file.
  await ask('apply_plan', { plan_id, digest, reason: 'test', stages: { first: 1 } });
  await ask('batch_update', { files: [{ ...stuck, new_status: 'pending', force: true }], reason: 'test' });
  const until = dayOf(Date.now() + 2 * 86_400_000);
  await ask('acknowledge', { ...stuck, until, reason: 'test' });
  await ask('list_acknowledgements');
  await ask('lift_acknowledgement', { ...stuck, reason: 'test' });
  const { note } = (await ask('add_note', { ...stuck, text: 'test' })) as { note: { note_id: string } };
  await ask('remove_note', { ...stuck, note_id: note.note_id, reason: 'test' });
}

async function drawEverything(fn: LambdaFunction, aws: LocalAws): Promise<void> {
  const file = 'drawn.ndjson';
  await seedFaults(aws, file);
  for (const view of ['overview', 'dates', 'failures', 'orphans', 'changes']) await fn.invoke({ view });
  await fn.invoke({ view: 'files', date: DATE });
  await fn.invoke({ view: 'files', status: 'processing' });
  await fn.invoke({ view: 'failures', class: 'other' });
  await fn.invoke({ view: 'files', class: 'other' });
  await fn.invoke({ view: 'manifests' });
  await fn.invoke({ view: 'manifest', date: DATE, manifest: `s3://m/manifests/${DATE}/batch-1.json` });
  await fn.invoke({ view: 'locks' });
  await fn.invoke({ view: 'file', date: DATE, file });
}

async function publishEverything(fn: LambdaFunction): Promise<void> {
  await succeed(fn, {});
}

async function sweepEverything(fn: LambdaFunction, aws: LocalAws): Promise<void> {
  await seedFaults(aws, 'swept.ndjson');
  await succeed(fn, {});
}

async function auditEverything(fn: LambdaFunction, aws: LocalAws): Promise<void> {
  await seedFaults(aws, 'audited.ndjson');
  await putOutputRow(aws, dayOf(Date.now()));
  await succeed(fn, { date_prefix: DATE });
  // Only the output of the last days is verified.
  await succeed(fn, { date_prefix: dayOf(Date.now()) });
}

async function rebuildEverything(fn: LambdaFunction, aws: LocalAws): Promise<void> {
  await seedFaults(aws, 'rebuilt.ndjson');
  await succeed(fn, { id: 'test', segment: 0, segments: 1 });
}

function watchEverything(fn: LambdaFunction, aws: LocalAws): Promise<void> {
  return lookAtLate(fn, aws, 'watched');
}

/**
 * With two files whose records have no time and whose hour contains the limit: one of them before, the other after a new
 * hour begins while this runs. Both were acknowledged, and have changed since.
 */
async function lookAtLate(fn: LambdaFunction, aws: LocalAws, name: string): Promise<void> {
  const now = Date.now();
  const counts = await takeCounts(aws);
  const stream = streamedTable({ createdSeconds: Math.floor(now / 1_000) });
  const { pending_hours, manifested_hours } = FIELD_PROFILE.limits;
  const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString();
  const [pending, manifested] = [`${name}-pending.ndjson`, `${name}-manifested.ndjson`];
  const entered = [
    stream.write(pending, { ...uploaded(), created_at: ago(pending_hours) }),
    stream.write(manifested, {
      ...{ ...uploaded(), status: 'manifested#3' },
      manifest_time: ago(manifested_hours - 1 / 60),
    }),
  ];
  await consumeBatch(entered, applyDeps(aws, { now }), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  const files = fieldFiles(aws, DATE, now);
  await files.record(pending, { status: 'pending#3', created_at: 'no time' });
  await files.record(manifested, { status: 'manifested#3', created_at: 'no time' });
  for (const [file_key, status] of [
    [pending, 'pending'],
    [manifested, 'manifested'],
  ] as const)
    await keepAcknowledgement(
      { docs: aws.documents, name: aws.projectionTable },
      {
        ...{ date_prefix: DATE, file_key, version: 'another', status, reason: 'test', actor: 'test' },
        ...{ at: ago(0), until: ago(-24), changeId: 'test' },
      },
    );
  await succeed(fn, {});
  await takeCounts(aws);
  await putBack(aws, counts);
}

/** The first look reports nothing from before; the second reports late files, and a fact noted between the two. */
async function tellEverything(fn: LambdaFunction, aws: LocalAws): Promise<void> {
  await succeed(fn, {});
  const table = { docs: aws.documents, name: aws.projectionTable };
  const lost = { date_prefix: DATE, by: 'evidence' as const, files: ['told.ndjson'], occasion: 'first' };
  await noteLost(table, lost, Date.now());
  await lookAtLate(fn, aws, 'told');
  const { documents, projectionTable: TableName } = aws;
  await documents.send(new DeleteCommand({ TableName, Key: { pk: 'OUTLET', sk: 'state' } }));
}

/** Removes the counts of everything: other scenarios leave late files, and with these the watchdog would look for no others. */
async function takeCounts({ documents, projectionTable: TableName }: LocalAws): Promise<readonly object[]> {
  const ExpressionAttributeValues = { ':pk': counterPartition(undefined) };
  const query = { TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues };
  const { Items = [] } = await documents.send(new QueryCommand(query));
  for (const { pk, sk } of Items) await documents.send(new DeleteCommand({ TableName, Key: { pk, sk } }));
  return Items;
}

async function putBack({ documents, projectionTable: TableName }: LocalAws, items: readonly object[]) {
  for (const Item of items) await documents.send(new PutCommand({ TableName, Item }));
}

/** Puts healthy files as the consumer leaves them, and files with faults; new ones each time. */
export async function seedFaults(aws: LocalAws, name: string): Promise<void> {
  const begun = Date.now() - 30 * 3_600_000;
  const files = fieldFiles(aws, DATE, begun);
  const stream = streamedTable();
  const projected = [uploaded(), { status: 'processing#3' }].map((fields) => stream.write(name, fields));
  await consumeBatch(projected, applyDeps(aws), { s3: aws.s3, bucket: aws.buckets.deadLetter });
  const manifest_path = await files.manifest(`batch-${name}.json`, [name], { status: 'processing' });
  await files.record(name, { status: 'processing#3', manifest_path });
  await files.record(`unlisted-${name}`, { status: 'completed', manifest_path });
  const missing = `s3://${aws.buckets.manifest}/manifests/gone.json`;
  // Two, because what one change is about is read together.
  for (const unmade of [`unmade-${name}`, `unmade-too-${name}`]) {
    await files.input(unmade);
    await files.record(unmade, { status: 'manifested', manifest_path: missing });
  }
  await files.record(`new-${name}`, { status: 'pending' });
  await files.input(`without-record-${name}`);
  await files.record(`bad-${name}`, { status: 'quarantined' });
  await files.quarantined(`bad-${name}`);
  await files.quarantined(`refused-${name}`);
}

async function succeed(fn: LambdaFunction, event: object): Promise<Record<string, unknown>> {
  const { payload, functionError } = await fn.invoke(event);
  const answer = payload as Record<string, unknown>;
  if (functionError || answer.error) {
    throw new Error(`${fn.name} answers ${JSON.stringify(event)} with ${JSON.stringify(payload)}`);
  }
  return answer;
}
