import { parseArgs } from 'node:util';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { processVariables } from '../shared/aws/process-environment.ts';
import { errorText } from '../shared/text/error-text.ts';
import { type EnvironmentSettings, targetOf } from './settings.ts';

/**
 * Protects what a deployment has left, and says so; also after a failure, for an update that was rolled back leaves
 * a stack that stands.
 *
 * @param flags what the CDK was told
 * @param code what the CDK ended with
 * @returns the exit code: that, or 1 when what was deployed could not be protected
 */
export async function protectDeployed(
  settings: EnvironmentSettings,
  flags: readonly string[],
  code: number,
): Promise<number> {
  const { stack: stackName } = settings.names;
  try {
    const tables = await protect(stackName, protectors(targetOf(settings).region, flags));
    if (tables) process.stdout.write(`Protected from deletion: ${[stackName, ...tables].join(', ')}\n`);
    return code;
  } catch (error) {
    process.stderr.write(`${notProtected(stackName, errorText(error))}\n`);
    return code || 1;
  }
}

function notProtected(stackName: string, reason: string): string {
  return [
    `${stackName} is not protected from deletion: ${reason}`,
    `Deploy again, or: aws cloudformation update-termination-protection --enable-termination-protection --stack-name ${stackName}`,
  ].join('\n');
}

/** The services that protect what stands. */
export interface Protectors {
  readonly cloudFormation: CloudFormationClient;
  readonly dynamoDb: DynamoDBClient;
}

/** States in which a stack has what its last successful deployment gave it. */
const STANDING: readonly unknown[] = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
];

/**
 * Protects a stack and its tables from being deleted, once it stands. Not in the template: the CDK would protect
 * the stack before anything of it exists, and a protected table cannot be taken back. A first deployment that
 * failed could then be neither deleted nor repeated. The CDK lifts the stack's protection for as long as an
 * update takes, so this follows each deployment, also one that failed and was rolled back.
 *
 * @returns the names of the protected tables; undefined when the stack does not stand
 */
export async function protect(
  stackName: string,
  { cloudFormation, dynamoDb }: Protectors,
): Promise<string[] | undefined> {
  if (!STANDING.includes(await statusOf(stackName, cloudFormation))) return undefined;
  await cloudFormation.send(
    new UpdateTerminationProtectionCommand({ StackName: stackName, EnableTerminationProtection: true }),
  );
  const tables = await tablesOf(stackName, cloudFormation);
  for (const table of tables) await protectTable(table, dynamoDb);
  return tables;
}

/**
 * The services as the CDK reached them.
 *
 * @param region where the environment is bound to; the shell's own when undefined
 * @param flags what the CDK was told, perhaps a profile
 */
export function protectors(region: string | undefined, flags: readonly string[]): Protectors {
  const { AWS_REGION, AWS_DEFAULT_REGION } = processVariables();
  const options = { profile: { type: 'string' } } as const;
  const { profile } = parseArgs({ args: [...flags], options, strict: false }).values;
  const config = {
    region: region ?? AWS_REGION ?? AWS_DEFAULT_REGION,
    ...(typeof profile === 'string' && { profile }),
  };
  return { cloudFormation: new CloudFormationClient(config), dynamoDb: new DynamoDBClient(config) };
}

async function statusOf(stackName: string, client: CloudFormationClient): Promise<string | undefined> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    return Stacks[0]?.StackStatus;
  } catch (error) {
    // CloudFormation has no error of its own for a stack that was never created.
    if (errorText(error).includes('does not exist')) return undefined;
    throw error;
  }
}

async function tablesOf(stackName: string, client: CloudFormationClient): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName: stackName })) {
    for (const { ResourceType, PhysicalResourceId } of page.StackResourceSummaries ?? []) {
      if (ResourceType === 'AWS::DynamoDB::GlobalTable' && PhysicalResourceId) names.push(PhysicalResourceId);
    }
  }
  return names;
}

async function protectTable(TableName: string, dynamoDb: DynamoDBClient): Promise<void> {
  const { Table } = await dynamoDb.send(new DescribeTableCommand({ TableName }));
  if (Table?.DeletionProtectionEnabled) return;
  await dynamoDb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true }));
}
