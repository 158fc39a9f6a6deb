import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { configVariables, type Setting } from '../../shared/aws/config.ts';
import { type FunctionName, functionName, logGroupName } from '../../shared/aws/deployment-names.ts';
import { approvalText } from '../../shared/changes/approval-rule.ts';
import {
  type MetricName,
  metricForm,
  NAMESPACE,
  type PublishingFunction,
} from '../../shared/metrics/names.ts';
import { type Access, grant, type Resources } from '../access.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { removalPolicyOf } from '../storage.ts';

/** What is known before the stack is created; the mapping's id and the state machine of changes come with the stack. */
type DeployedSetting = Exclude<Setting, 'streamMapping' | 'changeMachine'>;

/** One function: its settings on AWS, and everything that it may do. */
export interface FunctionDefinition {
  /** Its file in `handlers/`, without extension. */
  readonly handler: FunctionName;
  readonly description: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** How much of the memory Node may fill; what it takes by itself depends on its version. */
  readonly heapMegabytes?: number;
  /** What the handler's `readConfig` reads. */
  readonly settings: readonly DeployedSetting[];
  /**
   * For a function that starts again within minutes: how long a start may wait for a free place, instead of six hours.
   * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
   */
  readonly staleAfterMinutes?: number;
  /** Set if a setting adds and removes it; a log that it had left behind would prevent its return. */
  readonly isOptional?: boolean;
  /** How many invocations a run has at once; they share the read units per second. One by default. */
  readonly atOnce?: number;
  /**
   * Every call that it makes, and no others: `test/infra/deployed-functions.long.test.ts` runs the functions and
   * compares.
   */
  access(resources: Resources, settings: EnvironmentSettings): Access[];
}

/** For functions whose answer a person, or the stream, is waiting for. */
export const SHORT = { memoryMegabytes: 512, timeoutSeconds: 60 };
/** As long as Lambda allows: what is not done by then continues in the next invocation. */
export const LONG = { memoryMegabytes: 1_024, timeoutSeconds: 900 };

/** A function, and the role that limits what it may do. */
export interface DeployedFunction {
  readonly fn: LambdaFunction;
  readonly role: Role;
}

/** The functions by the names of their handlers; a function without a handler is missing. */
export type Functions = Readonly<Partial<Record<FunctionName, DeployedFunction>>>;

/** @param bundleFolder where the handlers' bundles are, each in a folder of its name */
export function createFunctions(
  scope: Construct,
  definitions: readonly FunctionDefinition[],
  settings: EnvironmentSettings,
  resources: Resources,
  bundleFolder: string,
): Functions {
  const create = (definition: FunctionDefinition) => {
    const role = functionRole(scope, definition.handler);
    grant(role, definition.access(resources, settings), resources.encrypted);
    const folder = join(bundleFolder, definition.handler);
    return [definition.handler, { fn: createFunction(scope, settings, definition, role, folder), role }];
  };
  return Object.fromEntries(definitions.map(create));
}

/** A function with its own role does not get the managed policy, which would let it write to any log group. */
function functionRole(scope: Construct, handler: string): Role {
  return new Role(scope, `${pascalCase(handler)}Role`, {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
}

function createFunction(
  scope: Construct,
  settings: EnvironmentSettings,
  { handler, staleAfterMinutes, ...definition }: FunctionDefinition,
  role: Role,
  bundleFolder: string,
): LambdaFunction {
  const name = functionName(handler, settings);
  const id = pascalCase(handler);
  const logGroup = new LogGroup(scope, `${id}Log`, {
    logGroupName: logGroupName(name),
    retention: settings.logRetentionDays satisfies RetentionDays,
    removalPolicy: removalPolicyOf(settings.keepData && !definition.isOptional),
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
    environment: environmentOf(definition, settings),
    role,
    logGroup,
    ...(staleAfterMinutes !== undefined && {
      maxEventAge: Duration.minutes(staleAfterMinutes),
      retryAttempts: 0,
    }),
  });
}

function environmentOf(
  {
    settings: needed,
    atOnce = 1,
    heapMegabytes,
  }: Pick<FunctionDefinition, 'settings' | 'atOnce' | 'heapMegabytes'>,
  { environment, names, autoHeal, approval, profile, answerForm, ...settings }: EnvironmentSettings,
): Record<string, string> {
  const known: Record<DeployedSetting, string> = {
    environment,
    ...names,
    autoHeal: JSON.stringify(autoHeal),
    approval: approvalText({ environment, names, approval }),
    pipelineProfile: JSON.stringify(profile),
    answerForm,
    readUnitsPerSecond: String(settings.readUnitsPerSecond / atOnce),
    sweepReadUnits: String(settings.sweepReadUnits),
    eventBus: settings.outlet?.bus ?? '',
  };
  return {
    ...configVariables(Object.fromEntries(needed.map((setting) => [setting, known[setting]]))),
    NODE_OPTIONS: `--enable-source-maps${heapMegabytes ? ` --max-old-space-size=${heapMegabytes}` : ''}`,
  };
}

function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

const period = Duration.minutes(5);

/**
 * A metric that a function publishes; CloudWatch finds it only with all of its dimensions.
 *
 * @param of which kind, status or type, for a metric that is published for each of them
 */
export function ownMetric<F extends PublishingFunction>(
  environment: string,
  service: F,
  metricName: MetricName<F>,
  { of, ...options }: MetricOptions & { readonly of?: string } = {},
): Metric {
  const { by } = metricForm(service, metricName);
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { service, environment, ...(by && of !== undefined && { [by]: of }) },
    statistic: 'Sum',
    period,
    ...options,
  });
}
