import { partName } from '../../shared/aws/deployment-names.ts';
import type { Asked } from './asked.ts';
import { type Check, check, type Judgement } from './check.ts';
import { namesCheck } from './names.ts';
import { insteadOf, type Reading, stands } from './reading.ts';

/**
 * Names that only CloudFormation is asked about: whether a stack in this account and region has them. It does not know
 * what was created by hand or in another region.
 */
const IN_STACKS = {
  permission: 'cloudformation:DescribeStackResources',
  free: 'no stack in this region has them',
};

/** The policies and the state machines that a deployment makes. */
export const POLICIES = ['read', 'change', 'approve', 'maintain'] as const;
export const MACHINES = ['sweep', 'audit', 'rebuild', 'changes'] as const;

const policies = namesCheck({
  ...IN_STACKS,
  things: 'policies',
  type: /^AWS::IAM::ManagedPolicy$/,
  setting: () => 'names.functions',
  async existing(reading, asked) {
    const { account, partition } = await place(reading);
    const arns = POLICIES.map(
      (name) => `arn:${partition}:iam::${account}:policy/${partName(name, asked.settings)}`,
    );
    return inSomeStack(reading, arns);
  },
});

const machines = namesCheck({
  ...IN_STACKS,
  things: 'machines',
  type: /^AWS::StepFunctions::StateMachine$/,
  setting: () => 'names.functions',
  async existing(reading, { settings, region }) {
    const { account, partition } = await place(reading);
    const arnOf = (name: string) =>
      `arn:${partition}:states:${region}:${account}:stateMachine:${partName(name, settings)}`;
    return inSomeStack(reading, MACHINES.map(arnOf));
  },
});

const dashboard = namesCheck({
  things: 'dashboard',
  type: /^AWS::CloudWatch::Dashboard$/,
  permission: 'cloudwatch:GetDashboard',
  setting: () => 'names.alarms',
  async existing(reading, { settings }) {
    const { CloudWatchClient, GetDashboardCommand } = await import('@aws-sdk/client-cloudwatch');
    const { alarmPrefix: DashboardName } = settings.names;
    return new CloudWatchClient(reading.client('CLOUDWATCH'))
      .send(new GetDashboardCommand({ DashboardName }))
      .then(() => [DashboardName])
      .catch((error: unknown) => insteadOf(error, /NotFound/, []));
  },
});

/** Alarms named like those of a deployment, and whether it is deployed, so that it has its own. */
interface AlarmFacts {
  readonly others: readonly string[];
  readonly deployed: boolean;
}

const alarms = check<AlarmFacts>({
  name: 'names: alarms',
  place: 'aws',
  permission: 'cloudwatch:DescribeAlarms',
  async read(reading) {
    const [{ alarms: found }, stack] = await Promise.all([reading.monitoring(), reading.stack()]);
    const own = new Set(stack?.resources.map(({ id }) => id));
    return {
      others: found.map(({ name }) => name).filter((name) => !own.has(name)),
      deployed: stands(stack),
    };
  },
  judge: judgeAlarmNames,
});

/** The names that a deployment gives to alarms are not known here, only how they begin. */
export function judgeAlarmNames({ others, deployed }: AlarmFacts, { file, settings }: Asked): Judgement {
  if (others.length === 0) return { level: 'ok', found: deployed ? 'in use by the stack' : 'free' };
  const found = `not in the stack, but named like its alarms: ${others.join(', ')}`;
  if (deployed) return { level: 'ok', found };
  const say = `A deployment fails if it needs one of these names. Delete these alarms, or set names.alarms in ${file} to something other than ${settings.names.alarmPrefix}.`;
  return { level: 'warning', found, remedy: { say } };
}

async function place(reading: Reading): Promise<{ account: string; partition: string }> {
  const { account, arn } = await reading.identity();
  return { account, partition: arn.split(':')[1] ?? 'aws' };
}

/** CloudFormation has no specific error for what is in no stack. */
async function inSomeStack(reading: Reading, arns: readonly string[]): Promise<string[]> {
  const { CloudFormationClient, DescribeStackResourcesCommand } = await import(
    '@aws-sdk/client-cloudformation'
  );
  const client = new CloudFormationClient(reading.client('CLOUDFORMATION'));
  const found = async (PhysicalResourceId: string) =>
    client
      .send(new DescribeStackResourcesCommand({ PhysicalResourceId }))
      .then(({ StackResources = [] }) => (StackResources.length > 0 ? [PhysicalResourceId] : []))
      .catch((error: unknown) => insteadOf(error, /does not exist/, []));
  return (await Promise.all(arns.map(found))).flat();
}

export const STACK_NAME_CHECKS: readonly Check[] = [policies, machines, alarms, dashboard];
