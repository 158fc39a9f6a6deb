import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { metricTotals } from '../../infra/local/emf-totals.ts';
import { type LambdaFunction, startLambdaFunction } from '../../infra/local-lambda/function.ts';
import { readStream } from '../../shared/aws/stream-health.ts';
import { bundledHandler } from '../support/bundles.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';

const metrics = metricTotals();
const log: string[] = [];
let aws: LocalAws;
let lambdaApi: Server;
let watchdog: LambdaFunction;
let streamArn: string | undefined;
/** What Lambda's API says of the mapping. */
let says: { readonly status: number; readonly type?: string; readonly body: object };

beforeAll(async () => {
  aws = await localAws({ streamed: true });
  streamArn = (await readStream(aws.dynamoDb, aws.trackingTable))?.latestArn;
  lambdaApi = createServer((_, response) => {
    response.writeHead(says.status, {
      'content-type': 'application/json',
      ...(says.type && { 'x-amzn-errortype': says.type }),
    });
    response.end(JSON.stringify(says.body));
  });
  lambdaApi.listen(0, '127.0.0.1');
  await once(lambdaApi, 'listening');
  watchdog = startLambdaFunction({
    name: 'watchdog',
    handlerFile: bundledHandler('watchdog'),
    environment: {
      ...aws.environment,
      STREAM_MAPPING: 'the-mapping',
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${portOf(lambdaApi)}`,
    },
    timeoutSeconds: 30,
    onOutput: (line) => {
      log.push(line);
      metrics.read(line);
    },
  });
});

afterAll(async () => {
  await watchdog.stop();
  lambdaApi.closeAllConnections();
  lambdaApi.close();
});

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function mappingThat(mapping: object) {
  return { status: 200, body: { State: 'Enabled', EventSourceArn: streamArn, ...mapping } };
}

test('while the stream is read it publishes 0; it returns the ages of all tasks from the first look on, and publishes only those of late ones', async () => {
  says = mappingThat({ LastProcessingResult: 'No records processed' });
  const { payload } = await watchdog.invoke({});
  expect(payload).toEqual({
    blind: [],
    task_age_seconds: { sweep: 0, statistics: 0, audit: 0 },
    overdue: { pending: 0, manifested: 0, processing: 0 },
  });
  expect(metrics.latest('FilesOverdue')).toBeUndefined();
  expect(metrics.latest('Blind')).toBe(0);
  expect(metrics.latest('TaskAge')).toBeUndefined();
  expect(log.join('\n')).not.toContain('blind"');
});

test('if the mapping is switched off, it publishes 1 and logs why', async () => {
  says = mappingThat({ State: 'Disabled' });
  expect((await watchdog.invoke({})).payload).toMatchObject({ blind: [expect.stringContaining('disabled')] });
  expect(metrics.latest('Blind')).toBe(1);
  expect(log.join('\n')).toContain('The mapping from the stream to the consumer is disabled.');
});

test('if the mapping is gone, it says so', async () => {
  says = {
    status: 404,
    type: 'ResourceNotFoundException',
    body: { Message: 'The resource you requested does not exist.' },
  };
  expect((await watchdog.invoke({})).payload).toMatchObject({
    blind: [expect.stringContaining('no mapping')],
  });
});

test('without permission to ask it fails, and publishes nothing', async () => {
  const before = metrics.sum('Blind');
  says = { status: 403, type: 'AccessDeniedException', body: { Message: 'not authorized' } };
  expect((await watchdog.invoke({})).functionError).toBe('Unhandled');
  expect(metrics.sum('Blind')).toBe(before);
});
