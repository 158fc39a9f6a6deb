import { describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS } from '../../support/deployed-templates.ts';
import { creationOrder, referencesIn } from '../../support/template-references.ts';
import type { TemplateJson } from '../../support/template-values.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const MOST_RESOURCES = 500;
const TEMPLATE_BYTES = 1_048_576;
const MOST_TAGS = 50;

/**
 * The attributes that `Fn::GetAtt` may ask for, of the types that are used here.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
 */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': ['Arn'],
  'AWS::DynamoDB::GlobalTable': ['Arn', 'StreamArn', 'TableId'],
  'AWS::IAM::Role': ['Arn', 'RoleId'],
  'AWS::Lambda::EventSourceMapping': ['EventSourceMappingArn', 'Id'],
  'AWS::Lambda::Function': ['Arn', 'SnapStartResponse'],
  'AWS::Logs::LogGroup': ['Arn'],
  'AWS::S3::Bucket': ['Arn', 'DomainName', 'DualStackDomainName', 'RegionalDomainName', 'WebsiteURL'],
  'AWS::SNS::Topic': ['TopicArn', 'TopicName'],
  'AWS::SQS::Queue': ['Arn', 'QueueName', 'QueueUrl'],
  'AWS::StepFunctions::StateMachine': ['Arn', 'Name', 'StateMachineRevisionId'],
};

const PSEUDO_PARAMETERS = [
  'AccountId',
  'NoValue',
  'Partition',
  'Region',
  'StackId',
  'StackName',
  'URLSuffix',
];

describe.each(ENVIRONMENTS)('the template of %s', (environment) => {
  const { template } = deployed(environment);

  test('is small enough', () => {
    expect(Object.keys(template.Resources).length).toBeLessThanOrEqual(MOST_RESOURCES);
    expect(Buffer.byteLength(JSON.stringify(template))).toBeLessThanOrEqual(TEMPLATE_BYTES);
  });

  test('has an order in which it can be created', () => {
    expect(creationOrder(template)).toHaveLength(Object.keys(template.Resources).length);
  });

  test('refers to what is there, and to attributes that it has', () => {
    const known = [...Object.keys(template.Resources), ...PSEUDO_PARAMETERS.map((name) => `AWS::${name}`)];
    for (const [id, { Properties }] of Object.entries(template.Resources)) {
      for (const { to, attribute } of referencesIn(Properties)) {
        expect(known, id).toContain(to);
        if (attribute === undefined) continue;
        expect(ATTRIBUTES[template.Resources[to]?.Type ?? ''] ?? [], `${id}: ${to}`).toContain(attribute);
      }
    }
  });

  test('gives few and allowed tags', () => {
    for (const [id, { Properties }] of Object.entries(template.Resources)) {
      const tags = Array.isArray(Properties?.Tags) ? Properties.Tags : [];
      expect(tags.length, id).toBeLessThanOrEqual(MOST_TAGS);
      for (const { Key, Value } of tags) {
        expect(Key, id).toMatch(/^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u);
        expect(Value, id).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u);
      }
    }
  });

  // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
  test('keeps only by policies that a failed creation can be rolled back with', () => {
    for (const [id, { DeletionPolicy = 'Delete' }] of Object.entries(template.Resources)) {
      expect(['Delete', 'RetainExceptOnCreate'], id).toContain(DeletionPolicy);
    }
  });
});

test('a circle is found, and named', () => {
  const part = (other: string) => ({ Type: 'AWS::SNS::Topic', Properties: { TopicName: { Ref: other } } });
  const template: TemplateJson = { Resources: { A: part('B'), B: part('A') } };
  expect(() => creationOrder(template)).toThrow('These depend on each other: A -> B -> A');
});
