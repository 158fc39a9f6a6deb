import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, expect, test, vi } from 'vitest';
import { executionStarter } from '../../../shared/aws/executions.ts';

const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:changes';
const servers: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  vi.unstubAllGlobals();
  for (const server of servers.splice(0)) server.close();
});

/** Step Functions, as far as it is asked to start executions. */
async function stepFunctions(statusCode: number, answer: object) {
  const seen: { headers: Record<string, unknown>; body: unknown }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    seen.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(statusCode).end(JSON.stringify(answer));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const start = executionStarter(MACHINE, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    AWS_ENDPOINT_URL_SFN: `http://127.0.0.1:${port}`,
  });
  return { start, seen };
}

test('an execution is started with a signed request, under its name', async () => {
  const { start, seen } = await stepFunctions(200, {});
  await start({ change_id: 'c1' }, 'apply-c1');
  const [{ headers, body } = { headers: {}, body: undefined }] = seen;
  expect(body).toEqual({ stateMachineArn: MACHINE, input: '{"change_id":"c1"}', name: 'apply-c1' });
  expect(headers).toMatchObject({
    'x-amz-target': 'AWSStepFunctions.StartExecution',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-security-token': 'token',
    authorization: expect.stringMatching(/Credential=AKIA\/\d{8}\/eu-west-1\/states\/aws4_request/),
  });
});

test('one that was already started under this name is left alone; any other refusal is an error', async () => {
  const taken = await stepFunctions(400, { __type: 'com.amazonaws.states#ExecutionAlreadyExists' });
  await expect(taken.start({}, 'apply-c1')).resolves.toBeUndefined();
  const denied = await stepFunctions(400, { __type: 'AccessDeniedException' });
  await expect(denied.start({})).rejects.toThrow(/AccessDeniedException/);
});

test.each([
  ['aws', 'eu-west-1', 'states.eu-west-1.amazonaws.com'],
  ['aws-cn', 'cn-north-1', 'states.cn-north-1.amazonaws.com.cn'],
  ['aws-eusc', 'eusc-de-east-1', 'states.eusc-de-east-1.amazonaws.eu'],
])('in the partition %s, Step Functions is asked under its own domain', async (partition, region, host) => {
  const asked: string[] = [];
  vi.stubGlobal('fetch', (url: URL) => {
    asked.push(url.host);
    return Promise.resolve(new Response('{}'));
  });
  const machine = `arn:${partition}:states:${region}:123456789012:stateMachine:changes`;
  const keys = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };
  await executionStarter(machine, { AWS_REGION: region, ...keys })({});
  expect(asked).toEqual([host]);
});
