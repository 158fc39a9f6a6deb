import { type FunctionName, functionName, partName } from '../../shared/aws/deployment-names.ts';
import { countOf } from '../../shared/text/number-text.ts';
import type { Asked } from './asked.ts';
import { type Check, check, type Judgement } from './check.ts';
import { functionsOf, insteadOf, type Reading } from './reading.ts';

/** Who has the names that a deployment uses: nobody, this environment's stack, or somebody else. */
export interface NameFacts {
  /** Which of these names exist. */
  readonly existing: readonly string[];
  /** Which of those are in the stack. */
  readonly ours: readonly string[];
}

interface Names {
  /** In the plural. */
  readonly things: string;
  /** What CloudFormation calls them: a function and its schedule have the same name. */
  readonly type: RegExp;
  readonly permission: string;
  /** What to change when one is taken. */
  readonly setting: (name: string, asked: Asked) => string;
  /** Whether they outlive their stack where data is kept. */
  readonly kept?: boolean;
  /** What to say when none was found, where that does not prove that they are free. */
  readonly free?: string;
  /** The names that the deployment uses, and those of them that exist. */
  existing(reading: Reading, asked: Asked): Promise<string[]>;
}

export function namesCheck({ things, type, permission, setting, existing, ...more }: Names): Check {
  const { kept = false, free = 'free' } = more;
  return check<NameFacts>({
    name: `names: ${things}`,
    place: 'aws',
    permission,
    async read(reading, asked) {
      const [found, stack] = await Promise.all([existing(reading, asked), reading.stack()]);
      const own = stack?.resources.filter((resource) => type.test(resource.type)) ?? [];
      return { existing: found, ours: found.filter((name) => own.some(({ id }) => id === name)) };
    },
    judge: (facts, asked) =>
      facts.existing.length === 0
        ? { level: 'ok', found: free }
        : judgeNames(facts, (name) => setting(name, asked), kept, asked),
  });
}

/**
 * CloudFormation creates nothing under a name that is taken.
 *
 * @param setting the one to change when this name is taken
 * @param kept whether an earlier stack may have left it
 */
export function judgeNames(
  { existing, ours }: NameFacts,
  setting: (name: string) => string,
  kept: boolean,
  { settings, environment, file, aws, cdk }: Asked,
): Judgement {
  const taken = existing.filter((name) => !ours.includes(name));
  const [first] = taken;
  if (first === undefined) {
    return {
      level: 'ok',
      found: ours.length === 0 ? 'free' : `${countOf(ours.length, 'name')} in use by the stack`,
    };
  }
  const found = `taken, but not by the stack ${settings.names.stack}: ${taken.join(', ')}`;
  const change = `set ${[...new Set(taken.map(setting))].join(' and ')} in ${file}`;
  if (kept && settings.keepData) {
    const run = cdk('import', `${environment}/*`, '--context', `environment=${environment}`);
    const say = `If an earlier stack of ${environment} left it, import it with this command; otherwise ${change}.`;
    return { level: 'problem', found, remedy: { say, run } };
  }
  const run = aws('cloudformation', 'describe-stack-resources', '--physical-resource-id', first);
  const say = `Free the name, or ${change}. To see which stack has it, if any:`;
  return { level: 'problem', found, remedy: { say, run } };
}

/** The operations function has a setting of its own for its name. */
function functionSetting(name: string, { settings }: Asked): string {
  return name.endsWith(settings.names.operationsFunction) ? 'names.operations' : 'names.functions';
}

const functions = namesCheck({
  things: 'functions',
  type: /^AWS::Lambda::Function$/,
  permission: 'lambda:GetFunctionConfiguration',
  setting: functionSetting,
  existing: async (reading) => [...(await reading.functions()).keys()],
});

const logs = namesCheck({
  things: 'logs',
  type: /^AWS::Logs::LogGroup$/,
  kept: true,
  permission: 'logs:DescribeLogGroups',
  setting: functionSetting,
  async existing(reading, { settings }) {
    const { CloudWatchLogsClient, DescribeLogGroupsCommand } = await import(
      '@aws-sdk/client-cloudwatch-logs'
    );
    const client = new CloudWatchLogsClient(reading.client('CLOUDWATCH_LOGS'));
    const found = async (name: FunctionName) => {
      const wanted = `/aws/lambda/${functionName(name, settings)}`;
      // The first group with a prefix is the one with exactly that name, if it exists.
      const request = new DescribeLogGroupsCommand({ logGroupNamePrefix: wanted, limit: 1 });
      const { logGroups = [] } = await client.send(request);
      return logGroups.flatMap(({ logGroupName }) => (logGroupName === wanted ? [wanted] : []));
    };
    return (await Promise.all(functionsOf(settings).map(found))).flat();
  },
});

const tables = namesCheck({
  things: 'tables',
  type: /^AWS::DynamoDB::/,
  kept: true,
  permission: 'dynamodb:DescribeTable',
  setting: (name, { projectionTable }) =>
    name === projectionTable ? 'projection_table.name' : 'tracking_table.name',
  async existing(reading, { settings, projectionTable, trackingTable }) {
    const names =
      settings.trackingTable.kind === 'new' ? [projectionTable, trackingTable] : [projectionTable];
    const found = await Promise.all(names.map((name) => reading.table(name)));
    return names.filter((_, n) => found[n] !== undefined);
  },
});

/** Bucket names are shared by all accounts: a bucket that may not be read is somebody else's, so its name is taken. */
const bucket = namesCheck({
  things: 'bucket',
  type: /^AWS::S3::Bucket$/,
  kept: true,
  permission: 's3:ListBucket',
  setting: () => 'buckets.dead_letters',
  async existing({ deps }, { settings }) {
    const { HeadBucketCommand } = await import('@aws-sdk/client-s3');
    const { deadLetterBucket: Bucket } = settings.names;
    const answer = deps.storage.s3.send(new HeadBucketCommand({ Bucket })).then(() => [Bucket]);
    return answer.catch((error: unknown) => {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
      return status === 301 || status === 403 ? [Bucket] : insteadOf(error, /^(NotFound|NoSuchBucket)$/, []);
    });
  },
});

const topic = namesCheck({
  things: 'topic',
  type: /^AWS::SNS::Topic$/,
  permission: 'sns:GetTopicAttributes',
  setting: () => 'names.alarms',
  async existing(reading, { settings, region }) {
    if (settings.alarmTopicArn !== undefined) return [];
    const { GetTopicAttributesCommand, SNSClient } = await import('@aws-sdk/client-sns');
    const { account, arn } = await reading.identity();
    const partition = arn.split(':')[1] ?? 'aws';
    const TopicArn = `arn:${partition}:sns:${region}:${account}:${settings.names.alarmPrefix}-alarms`;
    return new SNSClient(reading.client('SNS'))
      .send(new GetTopicAttributesCommand({ TopicArn }))
      .then(() => [TopicArn])
      .catch((error: unknown) => insteadOf(error, /^NotFound/, []));
  },
});

/** The parts of an environment that a schedule starts; each schedule is named after its part. */
export const SCHEDULED = ['orphan-sweep', 'stats', 'audit', 'watchdog'] as const;

const OUTLET = 'outlet';

/** Those that the settings of an environment ask for. */
export function scheduledOf({ enableSchedules, outlet }: Asked['settings']): readonly string[] {
  return [...(enableSchedules ? SCHEDULED : []), ...(outlet ? [OUTLET] : [])];
}

const schedules = namesCheck({
  things: 'schedules',
  type: /^AWS::Scheduler::Schedule$/,
  permission: 'scheduler:ListSchedules',
  setting: () => 'names.functions',
  existing: async (reading, asked) => (await readSchedules(reading, asked)).map(({ name }) => name),
});

export interface ScheduleState {
  readonly name: string;
  readonly enabled: boolean;
}

/** Those of the environment that exist. */
export async function readSchedules(reading: Reading, { settings }: Asked): Promise<ScheduleState[]> {
  const { paginateListSchedules, SchedulerClient } = await import('@aws-sdk/client-scheduler');
  const client = new SchedulerClient(reading.client('SCHEDULER'));
  const names = new Set([...SCHEDULED, OUTLET].map((part) => partName(part, settings)));
  const request = { GroupName: 'default', NamePrefix: settings.names.functionPrefix };
  const found: ScheduleState[] = [];
  for await (const { Schedules = [] } of paginateListSchedules({ client }, request)) {
    for (const { Name: name = '', State } of Schedules)
      if (names.has(name)) found.push({ name, enabled: State === 'ENABLED' });
  }
  return found;
}

/** Every kind of name that one cheap call can look up. */
export const NAME_CHECKS: readonly Check[] = [functions, logs, tables, bucket, topic, schedules];
