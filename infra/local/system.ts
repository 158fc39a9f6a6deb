import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { configVariables } from '../../shared/aws/config.ts';
import { classifyFault } from '../../shared/aws/faults.ts';
import { errorText } from '../../shared/text/error-text.ts';
import { Refused } from '../../shared/text/refused.ts';
import { startInvokeApi } from '../local-lambda/invoke-api.ts';
import { type StreamRunner, startStreamRunner } from '../local-lambda/runner.ts';
import { streamFilters, streamSettings } from '../stream-settings.ts';
import { type BuilderFunction, builderFunction } from './builder-function.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { type MetricTotals, metricTotals } from './emf-totals.ts';
import { startEventBus } from './event-bus.ts';
import { type LocalFolders, type LocalFunctions, startFunctions } from './functions.ts';
import { localPage } from './page.ts';
import { assertPortFree } from './ports.ts';
import { startS3Server } from './s3-server.ts';
import type { LocalSettings } from './settings.ts';
import { createBuckets, createProjectionTable, createTrackingTable, streamArnOf } from './tables.ts';

/** The whole State Manager on one machine, running. */
export interface LocalSystem extends LocalParts {
  /** Stops everything, the last part started first. */
  stop(): Promise<void>;
}

interface LocalParts extends LocalFunctions {
  readonly url: string;
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
  readonly stream: StreamRunner;
  /** The function that wakes the pipeline's builder; a simulated pipeline is connected to it. */
  readonly builder: BuilderFunction;
  /** The sums of the consumer's metrics. */
  readonly metrics: MetricTotals;
}

/**
 * Starts engines, tables, functions, stream and Invoke API.
 *
 * @throws Refused when something is missing on the machine or a port is taken; nothing is left running
 */
export async function startLocalSystem(settings: LocalSettings, folders: LocalFolders): Promise<LocalSystem> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    return { ...(await startParts(settings, folders, (end) => stops.push(end))), stop };
  } catch (error) {
    await stop();
    throw isNotAnswering(error) ? notAnswering(error) : error;
  }
}

/** A fault of the file system has a path. */
function isNotAnswering(error: unknown): boolean {
  return classifyFault(error) === 'busy' && !(error instanceof Error && 'path' in error);
}

function notAnswering(error: unknown): Refused {
  return new Refused(
    'UNAVAILABLE',
    `DynamoDB Local or the S3 server does not answer: ${errorText(error)}.`,
    'The machine may be too busy. Try again when it has less to do.',
    { cause: error },
  );
}

async function startParts(
  settings: LocalSettings,
  folders: LocalFolders,
  onStop: (end: () => Promise<void>) => void,
): Promise<LocalParts> {
  const { port, names, profile, environment } = settings;
  await assertPortFree(port, 'The Lambda API');
  const engine = await startDynamoDbLocal({ port: port + 1 });
  onStop(() => engine.stop());
  const storage = await startS3Server({ port: port + 2 });
  onStop(() => storage.stop());

  const { dynamoDb, streams, s3 } = clients(environment);
  await createTrackingTable(dynamoDb, names.trackingTable, profile);
  await createProjectionTable(dynamoDb, names.projectionTable);
  await createBuckets(s3, bucketsOf(names));

  const bus = await startEventBus({ file: folders.notices });
  onStop(() => bus.stop());
  const metrics = metricTotals();
  const streamArn = await streamArnOf(dynamoDb, names.trackingTable);
  const mappingId = randomUUID();
  const ofFunctions = {
    ...environment,
    ...configVariables({ streamMapping: mappingId }),
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus.endpoint,
  };
  const { stop, ...functions } = startFunctions({ ...settings, environment: ofFunctions }, folders, (line) =>
    metrics.read(line),
  );
  onStop(stop);
  const { consumer } = functions;
  const stream = await startStreamRunner({
    streams,
    streamArn,
    functionArn: consumer.arn,
    invoke: (event) => consumer.invoke(event),
    settings: streamSettings(settings.stream),
    filterPatterns: streamFilters().map(({ pattern }) => pattern),
    onFailure: { s3, bucket: names.deadLetterBucket, mappingId },
  });
  onStop(() => stream.stop());
  const builder = builderFunction();
  const api = await startInvokeApi({
    port,
    functions: [...Object.values(functions), builder],
    mappings: [{ UUID: mappingId, State: 'Enabled', EventSourceArn: streamArn, LastProcessingResult: 'OK' }],
    fallback: localPage(settings, folders.logs),
  });
  onStop(() => api.close());
  return { ...functions, builder, url: api.url, dynamoDb, s3, stream, metrics };
}

function clients(environment: LocalSettings['environment']) {
  const common = {
    // A connection that nobody answers must not block the stream forever.
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    region: environment.AWS_REGION,
    credentials: {
      accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    },
  };
  const endpoint = environment.AWS_ENDPOINT_URL_DYNAMODB;
  return {
    dynamoDb: new DynamoDBClient({ ...common, endpoint }),
    streams: new DynamoDBStreamsClient({ ...common, endpoint }),
    s3: new S3Client({ ...common, endpoint: environment.AWS_ENDPOINT_URL_S3, forcePathStyle: true }),
  };
}

function bucketsOf(names: LocalSettings['names']): string[] {
  const { inputBucket, manifestBucket, outputBucket, quarantineBucket, deadLetterBucket } = names;
  return [inputBucket, manifestBucket, outputBucket, quarantineBucket, deadLetterBucket];
}
