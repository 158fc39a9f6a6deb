import { describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS, resourcesOf } from '../../support/deployed-templates.ts';
import { deployedValue } from '../../support/template-values.ts';

interface NameRule {
  readonly type: string;
  readonly property: string;
  readonly form: RegExp;
  readonly longest: number;
  readonly shortest?: number;
  readonly source: string;
}

const REFERENCE = 'https://docs.aws.amazon.com';
const CLOUDFORMATION = `${REFERENCE}/AWSCloudFormation/latest/TemplateReference`;

/** What each service refuses as a name or a description when a resource is created. */
const RULES: readonly NameRule[] = [
  {
    type: 'AWS::Lambda::Function',
    property: 'FunctionName',
    form: /^[\w-]+$/,
    longest: 64,
    source: `${REFERENCE}/lambda/latest/api/API_CreateFunction.html`,
  },
  {
    type: 'AWS::Lambda::Function',
    property: 'Description',
    form: /^[^\0]*$/,
    longest: 256,
    source: `${REFERENCE}/lambda/latest/api/API_CreateFunction.html`,
  },
  {
    type: 'AWS::S3::Bucket',
    property: 'BucketName',
    form: /^(?!xn--|sthree-|amzn-s3-demo-|\d+\.\d+\.\d+\.\d+$)[a-z0-9](?!.*\.\.)[a-z0-9.-]*[a-z0-9](?<!-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/,
    longest: 63,
    shortest: 3,
    source: `${REFERENCE}/AmazonS3/latest/userguide/bucketnamingrules.html`,
  },
  {
    type: 'AWS::DynamoDB::GlobalTable',
    property: 'TableName',
    form: /^[\w.-]+$/,
    longest: 255,
    shortest: 3,
    source: `${REFERENCE}/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html`,
  },
  {
    type: 'AWS::Logs::LogGroup',
    property: 'LogGroupName',
    form: /^(?!aws\/)[\w./#-]+$/,
    longest: 512,
    source: `${REFERENCE}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html`,
  },
  {
    type: 'AWS::SNS::Topic',
    property: 'TopicName',
    form: /^[\w-]+$/,
    longest: 256,
    source: `${REFERENCE}/sns/latest/api/API_CreateTopic.html`,
  },
  {
    type: 'AWS::StepFunctions::StateMachine',
    property: 'StateMachineName',
    form: /^[\w-]+$/,
    longest: 80,
    source: `${REFERENCE}/step-functions/latest/apireference/API_CreateStateMachine.html`,
  },
  {
    type: 'AWS::Scheduler::Schedule',
    property: 'Name',
    form: /^[\w.-]+$/,
    longest: 64,
    source: `${REFERENCE}/scheduler/latest/APIReference/API_CreateSchedule.html`,
  },
  {
    type: 'AWS::CloudWatch::Alarm',
    property: 'AlarmName',
    form: /^[\x20-\x7e]+$/,
    longest: 255,
    source: `${REFERENCE}/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html`,
  },
  {
    type: 'AWS::CloudWatch::Alarm',
    property: 'AlarmDescription',
    form: /^[^\0]*$/,
    longest: 1024,
    source: `${REFERENCE}/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html`,
  },
  {
    type: 'AWS::CloudWatch::Dashboard',
    property: 'DashboardName',
    form: /^[\w-]+$/,
    longest: 255,
    source: `${REFERENCE}/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html`,
  },
  {
    type: 'AWS::IAM::Policy',
    property: 'PolicyName',
    form: /^[\w+=,.@-]+$/,
    longest: 128,
    source: `${REFERENCE}/IAM/latest/APIReference/API_PutRolePolicy.html`,
  },
  {
    type: 'AWS::IAM::ManagedPolicy',
    property: 'ManagedPolicyName',
    form: /^[\w+=,.@-]+$/,
    longest: 128,
    source: `${REFERENCE}/IAM/latest/APIReference/API_CreatePolicy.html`,
  },
];

/** Types whose names CloudFormation gives: a name that is given here would have to be unique by itself. */
const UNNAMED: readonly [string, string][] = [
  ['AWS::IAM::Role', 'RoleName'],
  ['AWS::SQS::Queue', 'QueueName'],
];

describe.each(ENVIRONMENTS)('in %s', (environment) => {
  const { template } = deployed(environment);

  test.each(RULES)('$type has a $property of at most $longest characters', (rule) => {
    for (const [id, properties] of resourcesOf(template, rule.type)) {
      const name = deployedValue(properties[rule.property], template);
      expect(name, id).toMatch(rule.form);
      expect(name.length, name).toBeLessThanOrEqual(rule.longest);
      expect(name.length, name).toBeGreaterThanOrEqual(rule.shortest ?? 1);
    }
  });

  test.each(UNNAMED)('%s is named by CloudFormation', (type, property) => {
    for (const [id, properties] of resourcesOf(template, type))
      expect(properties, id).not.toHaveProperty(property);
  });

  test('no two resources of a type have one name', () => {
    for (const { type, property } of RULES) {
      if (property.endsWith('Description')) continue;
      const names = resourcesOf(template, type).map(([, all]) => deployedValue(all[property], template));
      expect(new Set(names).size, type).toBe(names.length);
    }
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/resources-section-structure.html
  test(`every logical id is letters and digits (${CLOUDFORMATION})`, () => {
    for (const id of Object.keys(template.Resources)) expect(id).toMatch(/^[A-Za-z0-9]{1,255}$/);
  });
});
