import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { Role } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { BUCKET_PREFIXES } from '../shared/aws/deployment-names.ts';
import { type Access, grant, serviceOfThisAccount } from './access.ts';
import type { AlarmDefinition } from './alarms.ts';
import type { Encrypted } from './key-access.ts';
import { type DistributedRun, runDefinition } from './run-definition.ts';

/** What is done for every date or segment. */
export interface RunProps {
  readonly name: string;
  readonly comment: string;
  readonly prepare: DistributedRun['prepare'];
  readonly atEnd?: DistributedRun['atEnd'];
  readonly worker: IFunction;
  readonly concurrency: number;
  /** What the states before and after the units need. */
  readonly access: readonly Access[];
}

/** The state machines, as far as their functions are deployed. */
export interface Runs {
  readonly sweep?: StateMachine;
  readonly audit?: StateMachine;
  readonly rebuild?: StateMachine;
}

const LABEL = 'Units';

/**
 * A state machine that calls one function for every unit of work that is too large for one invocation.
 *
 * @param results where it writes the result of each unit
 */
export function createRun(
  scope: Construct,
  id: string,
  props: RunProps,
  results: Bucket,
  encrypted: readonly Encrypted[],
): StateMachine {
  const stack = Stack.of(scope);
  // https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html#prevent-cross-service-confused-deputy
  const role = new Role(scope, `${id}Role`, {
    assumedBy: serviceOfThisAccount(scope, 'states.amazonaws.com'),
  });
  const prefix = `${BUCKET_PREFIXES.runs}${id.toLowerCase()}`;
  grant(role, machineAccess(stack, props, `${results.bucketArn}/${prefix}`), encrypted);
  const machine = new StateMachine(scope, id, {
    stateMachineName: props.name,
    comment: props.comment,
    role,
    definitionBody: DefinitionBody.fromString(
      stack.toJsonString(
        runDefinition({
          comment: props.comment,
          prepare: props.prepare,
          ...(props.atEnd && { atEnd: props.atEnd }),
          label: LABEL,
          functionArn: props.worker.functionArn,
          concurrency: props.concurrency,
          results: { bucket: results.bucketName, prefix },
          partition: stack.partition,
        }),
      ),
    ),
  });
  Validations.of(machine).acknowledge(
    {
      id: 'AwsSolutions-SF1',
      reason:
        'The service keeps the history of standard executions, and log delivery needs rights on every log group.',
    },
    {
      id: 'AwsSolutions-SF2',
      reason: "A run is one function called per unit: its log and the run's results say what a trace would.",
    },
  );
  return machine;
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/use-dist-map-orchestrate-large-scale-parallel-workloads.html */
function machineAccess(stack: Stack, { name, worker, access }: RunProps, results: string): Access[] {
  const arn = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'states', resource, resourceName, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  return [
    ...access,
    { actions: ['lambda:InvokeFunction'], resources: [worker.functionArn] },
    { actions: ['states:StartExecution'], resources: [arn('stateMachine', name)] },
    {
      actions: ['states:DescribeExecution', 'states:StopExecution'],
      resources: [arn('execution', `${name}:*`), arn('execution', `${name}/${LABEL}:*`)],
      wildcard: 'Each execution has a name of its own, including that of each unit.',
    },
    {
      actions: ['states:DescribeMapRun'],
      resources: [arn('mapRun', `${name}/${LABEL}:*`)],
      wildcard: 'Each run has a name of its own.',
    },
    {
      actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
      resources: [`${results}/*`],
      wildcard: 'The service names the results after the run.',
    },
  ];
}

/** The alarms for a sweep, an audit or a rebuild that did not finish all of its units. */
export function runAlarms(machines: Readonly<Record<string, StateMachine>>): AlarmDefinition[] {
  return Object.entries(machines).map(([name, machine]) => ({
    name: `${name}-failed`,
    description: `A run of the state machine "${name}" did not finish all of its units. Its execution names those that failed. Start it again.`,
    runbook: 'stats.ts',
    metric: machine.metricFailed({ period: Duration.minutes(5) }),
    when: { above: 0 },
  }));
}
