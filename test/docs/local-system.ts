import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { differences, type StatsAnswer, scanCounts } from '../../infra/local/compare-counts.ts';
import { startFeed } from '../../infra/local/feed.ts';
import { type LocalSettings, localSettings } from '../../infra/local/settings.ts';
import { type LocalSystem, startLocalSystem } from '../../infra/local/system.ts';
import { localFolders } from '../support/bundles.ts';
import { keyOf, scanRaw } from '../support/changes.ts';
import { type LocalAws, streamsClient } from '../support/local-aws.ts';
import { SMALL_FEED } from '../support/small-feed.ts';

/** A local system with some files, also in the form that the helpers of other tests expect. */
export interface FedSystem {
  readonly system: LocalSystem;
  readonly aws: LocalAws;
  /** The variables with which runbooks read the same settings. */
  readonly variables: Readonly<Record<string, string>>;
}

// With the short limits of the local system, nearly all of these files would be late.
const LIMITS = { pending_hours: 24, manifested_hours: 6, processing_hours: 2, grace_hours: 0.25 };
const POLICY = { mode: 'plan', causes: ['builder_died'] };

/** Writes the local settings with the limits of the field. @returns the variables that name their folder */
function fieldLimits(folder: string): Readonly<Record<string, string>> {
  const local = JSON.parse(readFileSync(new URL('../../settings.local.json', import.meta.url), 'utf8'));
  const settings = { ...local, pipeline: { ...local.pipeline, limits: LIMITS } };
  writeFileSync(join(folder, 'settings.local.json'), JSON.stringify(settings));
  return { STATE_MANAGER_SETTINGS: folder };
}

/** Starts a system without schedules whose sweeps save healing plans, and adds files. */
export async function startFedSystem(port: number, logFolder: string): Promise<FedSystem> {
  const variables = fieldLimits(mkdtempSync(join(logFolder, 'settings-')));
  const settings = localSettings({
    ...variables,
    STATE_MANAGER_PORT: String(port),
    AUTO_HEAL: JSON.stringify(POLICY),
  });
  const system = await startLocalSystem(settings, localFolders(logFolder));
  try {
    await startFeed(SMALL_FEED, settings, system).done;
    await system.stream.idle();
  } catch (error) {
    await system.stop();
    throw error;
  }
  return { system, aws: awsOf(settings, system), variables };
}

function awsOf({ names, environment }: LocalSettings, { dynamoDb, s3 }: LocalSystem): LocalAws {
  return {
    dynamoDb,
    s3,
    documents: DynamoDBDocumentClient.from(dynamoDb, { marshallOptions: { removeUndefinedValues: true } }),
    streams: streamsClient(environment),
    trackingTable: names.trackingTable,
    projectionTable: names.projectionTable,
    buckets: {
      input: names.inputBucket,
      manifest: names.manifestBucket,
      output: names.outputBucket,
      quarantine: names.quarantineBucket,
      deadLetter: names.deadLetterBucket,
    },
    environment,
  };
}

/** The differences between the counters and a full count of the tracking table, each as a sentence. */
export async function wrongCounts({ system, aws }: FedSystem): Promise<string[]> {
  const { payload } = await system.operations.invoke({ operation: 'get_stats' });
  return differences(payload as StatsAnswer, await scanCounts(aws.documents, aws.trackingTable));
}

/** Removes records, as if they had expired. */
export async function removeRecords({ system, aws }: FedSystem, isMeant: (file_key: string) => boolean) {
  const records = Object.values(await scanRaw(aws)).filter(({ file_key }) => isMeant(file_key?.S ?? ''));
  for (const record of records) {
    const { date_prefix, file_key } = keyOf(record);
    const Key = { date_prefix, file_key };
    await aws.documents.send(new DeleteCommand({ TableName: aws.trackingTable, Key }));
  }
  await system.stream.idle();
}
