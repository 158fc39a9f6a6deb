import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { inject } from 'vitest';
import { type Call, dynamoDbCalls, type Exchange, s3Calls } from './aws-calls.ts';
import { eventBusArn, functionArn, mappingArn } from './template-values.ts';

/** A recorder between a function and AWS, which notes the function's calls. */
export interface CallRecorder {
  /** The variables that send a process here, for every service, even those that it is not expected to call. */
  readonly environment: Readonly<Record<string, string>>;
  /** All calls so far, in IAM's terms. */
  readonly calls: readonly Call[];
  stop(): Promise<void>;
}

/**
 * Starts a recorder in front of the run's DynamoDB Local and S3 server. The function is the deployed one, unchanged:
 * the SDK's own variables send it here. A call to any other service is noted and fails.
 */
export async function recordCalls(): Promise<CallRecorder> {
  const calls: Call[] = [];
  const dynamoDb = await startProxy(inject('dynamoDbEndpoint'), (exchange) => {
    calls.push(...dynamoDbCalls(exchange));
  });
  const s3 = await startProxy(inject('s3Endpoint'), (exchange) => {
    calls.push(...s3Calls(exchange));
  });
  const lambda = await startLambda((call) => calls.push(call));
  const cloudWatch = await startCloudWatch((call) => calls.push(call));
  const events = await startEventBridge((call) => calls.push(call));
  const stepFunctions = await startStepFunctions((call) => calls.push(call));
  const others = await startServer((request, response) => {
    calls.push({ action: `unexpected call to ${request.headers.host}${request.url}`, resource: '' });
    response.writeHead(501).end();
  });
  return {
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_ENDPOINT_URL_LAMBDA: lambda.url,
      AWS_ENDPOINT_URL_CLOUDWATCH: cloudWatch.url,
      AWS_ENDPOINT_URL_EVENTBRIDGE: events.url,
      AWS_ENDPOINT_URL_SFN: stepFunctions.url,
      AWS_ENDPOINT_URL: others.url,
    },
    calls,
    stop: async () => {
      const servers = [dynamoDb, s3, lambda, cloudWatch, events, stepFunctions, others];
      await Promise.all(servers.map(({ close }) => close()));
    },
  };
}

/** Lambda: every mapping is healthy, and other functions can be invoked. */
function startLambda(onCall: (call: Call) => void) {
  return startServer((request, response) => {
    const { method, url = '' } = request;
    const [, mapping] = /^\/2015-03-31\/event-source-mappings\/([^/]+)$/.exec(url) ?? [];
    const [, invoked] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(url) ?? [];
    response.setHeader('content-type', 'application/json');
    if (method === 'GET' && mapping) {
      onCall({ action: 'lambda:GetEventSourceMapping', resource: mappingArn(mapping) });
      return response.end(JSON.stringify({ UUID: mapping, State: 'Enabled', LastProcessingResult: 'OK' }));
    }
    if (method === 'POST' && invoked) {
      onCall({ action: 'lambda:InvokeFunction', resource: functionArn(invoked) });
      return response.end('{}');
    }
    onCall({ action: `unexpected call to Lambda: ${method} ${url}`, resource: '' });
    return response.writeHead(501).end();
  });
}

/** CloudWatch, without alarms and values. */
function startCloudWatch(onCall: (call: Call) => void) {
  return startServer((request, response) => {
    const [, operation] = String(request.headers['x-amz-target']).split('.');
    onCall({ action: `cloudwatch:${operation}`, resource: '' });
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    return response.end('{}');
  });
}

/** EventBridge, which accepts every event; permission to put events is needed on their bus. */
function startEventBridge(onCall: (call: Call) => void) {
  return startServer(async (request, response) => {
    const [, operation] = String(request.headers['x-amz-target']).split('.');
    const { Entries } = JSON.parse((await readAll(request)).toString()) as { Entries: EventEntry[] };
    for (const { EventBusName } of Entries)
      onCall({ action: `events:${operation}`, resource: eventBusArn(EventBusName) });
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    const results = Entries.map((_, i) => ({ EventId: `event-${i}` }));
    return response.end(JSON.stringify({ FailedEntryCount: 0, Entries: results }));
  });
}

interface EventEntry {
  readonly EventBusName: string;
}

/** Step Functions, which starts nothing; a call that is not signed for it is noted as `unsigned`. */
function startStepFunctions(onCall: (call: Call) => void) {
  return startServer(async (request, response) => {
    const [, operation] = String(request.headers['x-amz-target']).split('.');
    const { stateMachineArn } = JSON.parse(String(await readAll(request)));
    const isSigned = /\/states\/aws4_request/.test(String(request.headers.authorization));
    onCall({ action: `${isSigned ? 'states' : 'unsigned'}:${operation}`, resource: stateMachineArn });
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    return response.end('{}');
  });
}

function startProxy(endpoint: string, onExchange: (exchange: Exchange) => void) {
  return startServer(async (request, response) => {
    const body = await readAll(request);
    const { method = 'GET', url = '/', headers } = request;
    const answer = await forward(endpoint, { method, url, headers, body });
    onExchange({ method, url, headers, body, statusCode: answer.statusCode ?? 0 });
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
}

async function forward(
  endpoint: string,
  { method, url, headers, body }: Omit<Exchange, 'statusCode'>,
): Promise<IncomingMessage> {
  const outgoing = send(new URL(url, endpoint), { method, headers });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  return answer;
}

async function startServer(respond: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
