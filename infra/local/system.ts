import { randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { S3Client } from '@aws-sdk/client-s3';
import { STREAM_SETTINGS } from '../stream-settings.ts';
import { startDynamoDbLocal } from './dynamodb-local.ts';
import { type MetricTotals, metricTotals } from './emf-totals.ts';
import { type LambdaFunction, startLambdaFunction } from './lambda/function.ts';
import { startInvokeApi } from './lambda/invoke-api.ts';
import { dashboardPage } from './page.ts';
import { assertPortFree } from './ports.ts';
import { startS3Server } from './s3-server.ts';
import type { LocalSettings } from './settings.ts';
import { type StreamRunner, startStreamRunner } from './stream/runner.ts';
import { createBuckets, createProjectionTable, createTrackingTable, streamArnOf } from './tables.ts';

/** The whole State Manager on one machine, running. */
export interface LocalSystem {
  readonly url: string;
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
  readonly consumer: LambdaFunction;
  readonly operations: LambdaFunction;
  readonly stream: StreamRunner;
  /** What the consumer's metrics add up to. */
  readonly metrics: MetricTotals;
  /** Ends everything, the youngest part first. */
  stop(): Promise<void>;
}

const WIDGET_FUNCTION = 'ndjson-parquet-state-management-dashboard-widget-local';
const HANDLERS = fileURLToPath(new URL('../../handlers', import.meta.url));

/**
 * Starts engines, tables, functions, stream and Invoke API.
 *
 * @param logFolder where each function's log goes, as its log group would hold it
 * @throws LocalSetupError when something is missing on the machine or a port is taken; nothing is left running
 */
export async function startLocalSystem(settings: LocalSettings, logFolder: string): Promise<LocalSystem> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    return { ...(await startParts(settings, logFolder, (end) => stops.push(end))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(
  { port, names, environment }: LocalSettings,
  logFolder: string,
  onStop: (end: () => Promise<void>) => void,
): Promise<Omit<LocalSystem, 'stop'>> {
  await assertPortFree(port, 'The Lambda API');
  const engine = await startDynamoDbLocal({ port: port + 1 });
  onStop(() => engine.stop());
  const storage = await startS3Server({ port: port + 2 });
  onStop(() => storage.stop());

  const { dynamoDb, streams, s3 } = clients(environment);
  await createTrackingTable(dynamoDb, names.trackingTable);
  await createProjectionTable(dynamoDb, names.projectionTable);
  await createBuckets(s3, bucketsOf(names));

  const metrics = metricTotals();
  const logs = functionLogs(logFolder);
  const consumer = startLambdaFunction({
    name: names.consumerFunction,
    handlerFile: join(HANDLERS, 'stream-consumer.ts'),
    environment: { ...environment },
    timeoutSeconds: 60,
    onOutput: logs.writer('stream-consumer', (line) => metrics.read(line)),
  });
  const operations = startLambdaFunction({
    name: names.operationsFunction,
    handlerFile: join(HANDLERS, 'operations.ts'),
    environment: { ...environment },
    timeoutSeconds: 60,
    onOutput: logs.writer('operations'),
  });
  const widget = startLambdaFunction({
    name: WIDGET_FUNCTION,
    handlerFile: join(HANDLERS, 'dashboard-widget.ts'),
    environment: { ...environment },
    timeoutSeconds: 30,
    onOutput: logs.writer('dashboard-widget'),
  });
  onStop(() => logs.close());
  onStop(async () => void (await Promise.all([consumer.stop(), operations.stop(), widget.stop()])));

  const stream = await startStreamRunner({
    streams,
    streamArn: await streamArnOf(dynamoDb, names.trackingTable),
    functionArn: consumer.arn,
    invoke: (event) => consumer.invoke(event),
    settings: STREAM_SETTINGS,
    onFailure: { s3, bucket: names.deadLetterBucket, mappingId: randomUUID() },
  });
  onStop(() => stream.stop());
  const api = await startInvokeApi({
    port,
    functions: [operations, consumer, widget],
    fallback: dashboardPage(widget),
  });
  onStop(() => api.close());
  return { url: api.url, dynamoDb, s3, consumer, operations, stream, metrics };
}

function clients(environment: LocalSettings['environment']) {
  const common = {
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

/** One file per function, begun anew at every start. */
function functionLogs(folder: string) {
  mkdirSync(folder, { recursive: true });
  const ends: (() => Promise<void>)[] = [];
  return {
    writer(name: string, alsoTo?: (line: string) => void) {
      const file = createWriteStream(join(folder, `${name}.log`));
      ends.push(() => new Promise((resolve) => file.end(resolve)));
      return (line: string) => {
        file.write(`${line}\n`);
        alsoTo?.(line);
      };
    },
    close: async () => void (await Promise.all(ends.map((end) => end()))),
  };
}
