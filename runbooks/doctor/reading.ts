import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { clientSettings, type Service } from '../../shared/aws/client-settings.ts';
import type { FunctionName } from '../../shared/aws/deployment-names.ts';
import { functionName } from '../../shared/aws/deployment-names.ts';
import type { Identity } from '../../shared/aws/identity.ts';
import type { Monitoring } from '../../shared/aws/monitoring.ts';
import type { Variables } from '../../shared/aws/process-environment.ts';
import type { CommandDeps } from '../../shared/cli/command.ts';
import type { Asked } from './asked.ts';

/** What CloudFormation says about the environment's stack. */
export interface Stack {
  readonly status: string;
  readonly terminationProtection: boolean;
  /** What it holds now. */
  readonly resources: readonly StackResource[];
}

export interface StackResource {
  readonly type: string;
  /** A name, or an ARN. */
  readonly id: string;
}

/**
 * How checks read. What several of them need is read once. The client of a service is loaded when a check first needs
 * it, so the local system, which has few services, loads few clients.
 */
export interface Reading {
  readonly deps: CommandDeps;
  /** The settings for a client of that service. */
  client(service: Service): ReturnType<typeof clientSettings> & typeof SHORT_WAITS;
  identity(): Promise<Identity>;
  /** Undefined: there is none. */
  stack(): Promise<Stack | undefined>;
  /** Undefined: there is none. */
  table(name: string): Promise<TableDescription | undefined>;
  /** The environment's functions that exist, whoever created them, by their names in AWS. */
  functions(): Promise<ReadonlyMap<string, FunctionConfiguration>>;
  monitoring(): Promise<Monitoring>;
}

const SHORT_WAITS = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};

/** Every function of a deployment without an outlet. */
export const FUNCTIONS: readonly FunctionName[] = [
  'stream-consumer',
  'operations',
  'operations-read',
  'dashboard-widget',
  'stats-publisher',
  'orphan-sweep',
  'consistency-audit',
  'projection-rebuild',
  'watchdog',
];

/** Every function of this deployment. */
export function functionsOf({ outlet }: Asked['settings']): readonly FunctionName[] {
  return outlet ? [...FUNCTIONS, 'outlet'] : FUNCTIONS;
}

export function startReading(deps: CommandDeps, variables: Variables, asked: Asked): Reading {
  const client: Reading['client'] = (service) => ({ ...clientSettings(variables, service), ...SHORT_WAITS });
  const tables = new Map<string, Promise<TableDescription | undefined>>();
  const names = functionsOf(asked.settings).map((name) => functionName(name, asked.settings));
  return {
    deps,
    client,
    identity: once(async () => (await import('../../shared/aws/identity.ts')).callerIdentity(variables)),
    stack: once(() => readStack(client('CLOUDFORMATION'), asked.settings.names.stack)),
    table(name) {
      const found = tables.get(name) ?? readTable(client('DYNAMODB'), name);
      tables.set(name, found);
      return found;
    },
    functions: once(() => readFunctions(client('LAMBDA'), names)),
    monitoring: once(async () => {
      const { cloudWatch, readMonitoring } = await import('../../shared/aws/monitoring.ts');
      return readMonitoring(cloudWatch(variables), asked.settings.names, asked.now);
    }),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= read();
    return answer;
  };
}

/** States in which a stack has what a deployment created, even while the next one runs or after that one failed. */
const STANDING = /^(CREATE_COMPLETE|UPDATE_|IMPORT_)/;

/** Whether what was deployed exists. */
export function stands(stack: Stack | undefined): stack is Stack {
  return stack !== undefined && STANDING.test(stack.status);
}

async function readStack(
  settings: ReturnType<Reading['client']>,
  StackName: string,
): Promise<Stack | undefined> {
  const { CloudFormationClient, DescribeStacksCommand, paginateListStackResources } = await import(
    '@aws-sdk/client-cloudformation'
  );
  const client = new CloudFormationClient(settings);
  const { Stacks = [] } = await client
    .send(new DescribeStacksCommand({ StackName }))
    // CloudFormation has no error of its own for a stack that was never created.
    .catch((error: unknown) => insteadOf(error, /does not exist/, { Stacks: [] }));
  const [stack] = Stacks;
  if (!stack) return undefined;
  const resources: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName })) {
    for (const { ResourceType: type = '', PhysicalResourceId: id, ResourceStatus } of StackResourceSummaries)
      if (id && ResourceStatus !== 'DELETE_COMPLETE') resources.push({ type, id });
  }
  const { StackStatus: status = 'unknown', EnableTerminationProtection: terminationProtection = false } =
    stack;
  return { status, terminationProtection, resources };
}

async function readTable(
  settings: ReturnType<Reading['client']>,
  TableName: string,
): Promise<TableDescription | undefined> {
  const { DescribeTableCommand, DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
  const { Table } = await new DynamoDBClient(settings)
    .send(new DescribeTableCommand({ TableName }))
    .catch((error: unknown) => insteadOf(error, /^ResourceNotFoundException/, { Table: undefined }));
  return Table;
}

async function readFunctions(
  settings: ReturnType<Reading['client']>,
  names: readonly string[],
): Promise<Map<string, FunctionConfiguration>> {
  const { GetFunctionConfigurationCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const client = new LambdaClient(settings);
  const found = await Promise.all(
    names.map((FunctionName) =>
      client
        .send(new GetFunctionConfigurationCommand({ FunctionName }))
        .catch((error: unknown) => insteadOf(error, /^ResourceNotFoundException/, undefined)),
    ),
  );
  return new Map(found.flatMap((config) => (config?.FunctionName ? [[config.FunctionName, config]] : [])));
}

/**
 * Turns an expected error into its answer. Any other error is rethrown.
 *
 * @param expected matches its name or its message
 */
export function insteadOf<T>(error: unknown, expected: RegExp, value: T): T {
  const { name, message } = error as Partial<Error>;
  if (expected.test(String(name)) || expected.test(String(message))) return value;
  throw error;
}
