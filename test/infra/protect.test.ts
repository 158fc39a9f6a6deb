import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { protect, protectors } from '../../infra/protect.ts';
import { type LocalAws, localAws } from '../support/local-aws.ts';

let aws: LocalAws;
let server: Server;
let endpoint: string;
let cloudFormation: CloudFormationClient;
let status: string | undefined;
let calls: string[];

beforeAll(async () => {
  aws = await localAws();
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const answer = answerTo(new URLSearchParams(body));
      response.writeHead(answer.includes('<Error>') ? 400 : 200, { 'content-type': 'text/xml' }).end(answer);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'TEST', secretAccessKey: 'local' };
  cloudFormation = new CloudFormationClient({ region: 'us-east-1', endpoint, credentials });
});

beforeEach(async () => {
  calls = [];
  const TableName = aws.projectionTable;
  await aws.dynamoDb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
});

afterAll(async () => {
  cloudFormation.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** CloudFormation, as far as it is asked: a stack of the projection table and the bucket. */
function answerTo(request: URLSearchParams): string {
  const action = request.get('Action') ?? '';
  calls.push([action, request.get('EnableTerminationProtection')].filter(Boolean).join(' '));
  if (status === 'BROKEN') {
    return '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>';
  }
  if (status === undefined) {
    return `<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id ${request.get('StackName')} does not exist</Message></Error></ErrorResponse>`;
  }
  return `<${action}Response><${action}Result>${resultOf(action)}</${action}Result></${action}Response>`;
}

function resultOf(action: string): string {
  if (action === 'DescribeStacks') {
    return `<Stacks><member><StackName>prod</StackName><StackStatus>${status}</StackStatus></member></Stacks>`;
  }
  if (action !== 'ListStackResources') return '';
  const resources = [
    ['AWS::DynamoDB::GlobalTable', aws.projectionTable],
    ['AWS::S3::Bucket', aws.buckets.deadLetter],
  ].map(
    ([type, id]) =>
      `<member><ResourceType>${type}</ResourceType><PhysicalResourceId>${id}</PhysicalResourceId></member>`,
  );
  return `<StackResourceSummaries>${resources.join('')}</StackResourceSummaries>`;
}

async function isProtected(TableName: string): Promise<boolean> {
  const { Table } = await aws.dynamoDb.send(new DescribeTableCommand({ TableName }));
  return Table?.DeletionProtectionEnabled ?? false;
}

const protectStack = () => protect('prod', { cloudFormation, dynamoDb: aws.dynamoDb });

test.each(['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'])(
  'a stack in %s is protected with its tables, and no other table is',
  async (stands) => {
    status = stands;
    expect(await protectStack()).toEqual([aws.projectionTable]);
    expect(calls).toEqual(['DescribeStacks', 'UpdateTerminationProtection true', 'ListStackResources']);
    expect(await isProtected(aws.projectionTable)).toBe(true);
    expect(await isProtected(aws.trackingTable)).toBe(false);
  },
);

test('protecting something protected changes nothing', async () => {
  status = 'UPDATE_COMPLETE';
  await protectStack();
  expect(await protectStack()).toEqual([aws.projectionTable]);
  expect(await isProtected(aws.projectionTable)).toBe(true);
});

test.each(['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED', 'REVIEW_IN_PROGRESS', undefined])(
  'a stack in %s is left as it is: it has to be deleted before the next attempt',
  async (fails) => {
    status = fails;
    expect(await protectStack()).toBeUndefined();
    expect(calls).toEqual(['DescribeStacks']);
    expect(await isProtected(aws.projectionTable)).toBe(false);
  },
);

/** Runs the deploy command with a CDK that ends with this code. */
async function deployProd(code: number): Promise<{ code: number; output: string }> {
  const bin = mkdtempSync(join(tmpdir(), 'state-manager-npx-'));
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nexit ${code}\n`, { mode: 0o755 });
  const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/files';
  const env = {
    ...aws.environment,
    PATH: `${bin}:${dirname(process.execPath)}`,
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    PROD_TRACKING_TABLE_ARN: TABLE,
    PROD_TRACKING_STREAM_ARN: `${TABLE}/stream/2026-11-23T05:22:46.000`,
  };
  const args = ['--import', 'tsx', 'infra/cdk.ts', 'deploy', '--env', 'prod'];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[exitCode], ...outputs] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ]);
  rmSync(bin, { recursive: true });
  return { code: exitCode, output: outputs.join('') };
}

test('the deploy command protects what stands, and ends as the CDK did', async () => {
  status = 'UPDATE_ROLLBACK_COMPLETE';
  for (const code of [0, 7]) {
    const done = await deployProd(code);
    expect(done).toEqual({ code, output: expect.stringContaining('Protected from deletion: ') });
    expect(done.output).toContain(aws.projectionTable);
  }
  expect(await isProtected(aws.projectionTable)).toBe(true);
});

test('the deploy command says nothing of protection where nothing stands', async () => {
  status = 'ROLLBACK_COMPLETE';
  expect(await deployProd(1)).toEqual({ code: 1, output: expect.not.stringContaining('rotected') });
});

test('the deploy command fails when it could not protect what it has deployed, and says how to', async () => {
  status = 'BROKEN';
  const { code, output } = await deployProd(0);
  expect(code).toBe(1);
  expect(output).toContain('is not protected from deletion');
  expect(output).toContain('aws cloudformation update-termination-protection');
});

test('the services are those of the region that the environment is bound to', async () => {
  const { cloudFormation: client, dynamoDb } = protectors('eu-central-1', ['--require-approval', 'never']);
  expect([await client.config.region(), await dynamoDb.config.region()]).toEqual([
    'eu-central-1',
    'eu-central-1',
  ]);
});
