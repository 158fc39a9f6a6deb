import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { bundleFile } from '../../infra/bundle.ts';
import type { LocalSettings } from '../../infra/local/settings.ts';
import type { LocalSystem } from '../../infra/local/system.ts';
import { startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { startSimulator } from '../../infra/simulator/simulator.ts';
import type { Table } from '../../shared/aws/deps.ts';
import { beginDateCheck, endDateCheck } from '../../shared/orphans/verified-dates.ts';
import { readCounters } from '../../shared/projection/counter-items.ts';
import { listDates } from '../../shared/projection/dates.ts';
import { saveVerifiedDate } from '../../shared/reports/verified-dates.ts';
import { dayOf, isoTime } from '../../shared/text/time.ts';

const DAY_MILLIS = 86_400_000;

/** A local system to fill. */
export interface Scene {
  readonly system: LocalSystem;
  readonly settings: LocalSettings;
  /** Where the handlers' bundles are. */
  readonly bundles: string;
}

/**
 * Lets the simulated pipeline run through the days before today, each in a moment: its clock is set back, so its files
 * and what remains of them are as old as they should be.
 *
 * @param filesOf how many files arrive on a day, counted back from today
 */
export async function liveThroughDays(
  { system, settings }: Scene,
  days: number,
  filesOf: (daysAgo: number) => number,
): Promise<void> {
  const { trackingTable: table, ...names } = settings.names;
  for (let daysAgo = days; daysAgo > 0; daysAgo--) {
    await startSimulator({
      documents: documentsOf(system),
      table,
      s3: system.s3,
      buckets: {
        input: names.inputBucket,
        manifest: names.manifestBucket,
        output: names.outputBucket,
        quarantine: names.quarantineBucket,
      },
      now: () => Date.now() - daysAgo * DAY_MILLIS,
      rate: 400,
      seed: daysAgo,
      speed: 400,
      files: filesOf(daysAgo),
    }).done;
  }
}

/**
 * Runs the scheduled tasks with the deployed handlers. Earlier days count as verified: the outputs of their jobs were
 * written today, so every one of them would be reported as missing.
 */
export async function runSchedules(scene: Scene): Promise<void> {
  const projection = { docs: documentsOf(scene.system), name: scene.settings.names.projectionTable };
  const [today = '', ...before] = (await listDates(projection)).reverse();
  for (const date of before) await markVerified(projection, date);
  await runHandler(scene, 'orphan-sweep', {});
  await runHandler(scene, 'stats-publisher', {});
  await runHandler(scene, 'consistency-audit', { date_prefix: today });
}

async function markVerified(projection: Table, date: string): Promise<void> {
  // Seen from a later day, the counters of a date are idle.
  const later = Date.now() + DAY_MILLIS;
  const pass = beginDateCheck(date, undefined, await readCounters(projection, date), later);
  if (pass) await saveVerifiedDate(projection, endDateCheck(pass), later);
}

async function runHandler({ settings, bundles }: Scene, name: string, request: object): Promise<void> {
  const handler = startLambdaFunction({
    name,
    handlerFile: bundleFile(bundles, name),
    environment: { ...settings.environment },
    timeoutSeconds: 300,
    onOutput: () => undefined,
  });
  const { payload, functionError } = await handler.invoke(request);
  await handler.stop();
  if (functionError) throw new Error(`${name}: ${JSON.stringify(payload)}`);
}

/** A failed file that an operator resets and that is then converted: two attempts. */
export async function retryFailedFile({ system, settings }: Scene, reason: string): Promise<FileName> {
  const file = await newestFailedFile(system);
  await ask(system, { operation: 'update_state', ...file, new_status: 'pending', reason });
  await setStatus(system, settings, file, 'manifested', 'manifest_time');
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  await setStatus(system, settings, file, 'completed', 'completed_time');
  return file;
}

/** A change of several files of earlier days, which move no more, and its undo. */
export async function changeAndUndo({ system }: Scene): Promise<void> {
  const { files } = await ask<{ files: FileName[] }>(system, {
    operation: 'query_by_status',
    status: 'manifested',
    limit: 1_000,
  });
  const today = dayOf(Date.now());
  const stuck = files.filter(({ date_prefix }) => date_prefix < today).slice(0, 5);
  const { change_id } = await ask<{ change_id: string }>(system, {
    operation: 'batch_update',
    files: stuck.map(({ date_prefix, file_key }) => ({ date_prefix, file_key, new_status: 'pending' })),
    reason: 'The builder was restarted; give these to it once more',
  });
  const reason = 'Wrong selection: their manifests were still being worked on';
  await ask(system, { operation: 'undo_change', change_id, dry_run: false, reason });
}

interface FileName {
  readonly date_prefix: string;
  readonly file_key: string;
}
async function newestFailedFile(system: LocalSystem): Promise<FileName> {
  const failed = { operation: 'query_by_status', status: 'failed', limit: 1_000 };
  const { files } = await ask<{ files: FileName[] }>(system, failed);
  const file = files.at(-1);
  if (!file) throw new Error('No file has failed: simulate more of them.');
  return { date_prefix: file.date_prefix, file_key: file.file_key };
}

async function setStatus(
  system: LocalSystem,
  { names }: LocalSettings,
  Key: FileName,
  status: string,
  timeAttribute: string,
): Promise<void> {
  const now = isoTime(Date.now());
  await documentsOf(system).send(
    new UpdateCommand({
      TableName: names.trackingTable,
      Key,
      UpdateExpression: 'SET #status = :status, updated_at = :now, #time = :now REMOVE error_message',
      ExpressionAttributeNames: { '#status': 'status', '#time': timeAttribute },
      ExpressionAttributeValues: { ':status': status, ':now': now },
    }),
  );
}

async function ask<T>(system: LocalSystem, request: object): Promise<T> {
  const { payload, functionError } = await system.operations.invoke(request);
  if (functionError || 'error' in (payload as object)) throw new Error(JSON.stringify(payload));
  return payload as T;
}

function documentsOf({ dynamoDb }: LocalSystem): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(dynamoDb);
}
