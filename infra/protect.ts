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
 * Protects what a deployment has created, and says so. Also after a failure, because an update that was rolled back
 * leaves a working stack.
 *
 * @param flags what the CDK was told
 * @param code the exit code of the CDK
 * @returns the exit code: that one, or 1 if what was deployed could not be protected
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

/** The services that protect what exists. */
export interface Protectors {
  readonly cloudFormation: CloudFormationClient;
  readonly dynamoDb: DynamoDBClient;
}

/** States in which a stack has everything from its last successful deployment. */
const STANDING: readonly unknown[] = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
];

/**
 * Protects a stack and its tables from deletion, once the stack exists. Not in the template: the CDK would protect the
 * stack before anything in it exists, and a protected table cannot be rolled back, so a failed first deployment could
 * neither be deleted nor repeated. The CDK lifts the stack's protection during an update, so this follows each
 * deployment, even one that failed and was rolled back.
 *
 * @returns the names of the protected tables; undefined if the stack does not exist or is not complete
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
 * @param region the region that the environment is bound to; if undefined, the shell's
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
