import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { configVariables, type Setting } from '../shared/aws/config.ts';
import { functionName } from '../shared/aws/deployment-names.ts';
import { grant, type Resources } from './access.ts';
import { FUNCTIONS, type FunctionDefinition } from './function-list.ts';
import { removalPolicyOf } from './removal.ts';
import type { EnvironmentSettings } from './settings.ts';

/** A function, and the role that bounds what it may do. */
export interface DeployedFunction {
  readonly fn: LambdaFunction;
  readonly role: Role;
}

/** The functions by their handlers' names; one whose handler does not exist is missing. */
export type Functions = Readonly<Partial<Record<string, DeployedFunction>>>;

/** The functions that are deployed, with their handlers' names. */
export function functionEntries(functions: Functions): [string, DeployedFunction][] {
  return Object.entries(functions).flatMap(([handler, deployed]) => (deployed ? [[handler, deployed]] : []));
}

/** @param bundleFolder where the handlers' bundles are, each in a folder of its name */
export function createFunctions(
  scope: Construct,
  settings: EnvironmentSettings,
  resources: Resources,
  bundleFolder: string,
): Functions {
  const create = (definition: FunctionDefinition) => {
    const role = functionRole(scope, definition.handler);
    for (const access of definition.access(resources, settings)) grant(role, access);
    const folder = join(bundleFolder, definition.handler);
    return [definition.handler, { fn: createFunction(scope, settings, definition, role, folder), role }];
  };
  return Object.fromEntries(FUNCTIONS.map(create));
}

/** A function with a role of its own gets no managed policy, which would let it write to any log group. */
function functionRole(scope: Construct, handler: string): Role {
  return new Role(scope, `${pascalCase(handler)}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
}

function createFunction(
  scope: Construct,
  settings: EnvironmentSettings,
  { handler, ...definition }: FunctionDefinition,
  role: Role,
  bundleFolder: string,
): LambdaFunction {
  const name = functionName(handler, settings.environment);
  const id = pascalCase(handler);
  const logGroup = new LogGroup(scope, `${id}Log`, {
    logGroupName: `/aws/lambda/${name}`,
    retention: settings.logRetentionDays satisfies RetentionDays,
    removalPolicy: removalPolicyOf(settings.keepData),
  });
  logGroup.grantWrite(role);
  return new LambdaFunction(scope, id, {
    functionName: name,
    description: definition.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(bundleFolder),
    handler: 'index.handler',
    memorySize: definition.memoryMegabytes,
    timeout: Duration.seconds(definition.timeoutSeconds),
    environment: environmentOf(definition.settings, settings),
    role,
    logGroup,
  });
}

function environmentOf(
  needed: readonly Setting[],
  { environment, names, autoHeal }: EnvironmentSettings,
): Record<string, string> {
  const known: Record<Setting, string> = { environment, ...names, autoHeal: JSON.stringify(autoHeal) };
  return {
    ...configVariables(Object.fromEntries(needed.map((setting) => [setting, known[setting]]))),
    NODE_OPTIONS: '--enable-source-maps',
  };
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
