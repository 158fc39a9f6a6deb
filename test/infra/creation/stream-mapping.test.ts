import { describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS, resourcesOf } from '../../support/deployed-templates.ts';
import { functionsOf } from '../../support/policies.ts';
import { allDependenciesOf } from '../../support/template-references.ts';
import { deployedValue } from '../../support/template-values.ts';

interface MappingProperties {
  readonly FunctionName: { readonly Ref: string };
  readonly EventSourceArn: unknown;
  readonly StartingPosition: string;
  readonly BatchSize: number;
  readonly MaximumBatchingWindowInSeconds: number;
  readonly MaximumRetryAttempts?: number;
  readonly MaximumRecordAgeInSeconds?: number;
  readonly ParallelizationFactor?: number;
  readonly TumblingWindowInSeconds?: number;
  readonly FunctionResponseTypes: readonly string[];
  readonly FilterCriteria: { readonly Filters: readonly { readonly Pattern: string }[] };
  readonly DestinationConfig: { readonly OnFailure: { readonly Destination: unknown } };
  readonly MetricsConfig?: { readonly Metrics: readonly string[] };
}

// https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
const BOUNDS: readonly [keyof MappingProperties, number, number][] = [
  ['BatchSize', 1, 10_000],
  ['MaximumBatchingWindowInSeconds', 0, 300],
  ['MaximumRetryAttempts', -1, 10_000],
  ['ParallelizationFactor', 1, 10],
  ['TumblingWindowInSeconds', 0, 900],
];

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
const MOST_FILTERS = 5;
const LONGEST_FILTER = 4_096;
const OPERATORS = ['anything-but', 'equals-ignore-case', 'exists', 'numeric', 'prefix', 'suffix'];

describe.each(ENVIRONMENTS)('the mapping of %s', (environment) => {
  const { template } = deployed(environment);
  const [[id, raw] = ['', {}], ...others] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
  const mapping = raw as unknown as MappingProperties;
  const consumer = template.Resources[mapping.FunctionName.Ref]?.Properties.FunctionName;
  const permissions = functionsOf(template).find(({ name }) => name === consumer)?.permissions ?? [];
  const mayOn = (resource: string) =>
    permissions.filter((permission) => permission.resource === resource).map(({ action }) => action);

  test('is the only reader that this stack adds to the stream, of which two are advised', () => {
    expect(others).toEqual([]);
  });

  test.each(BOUNDS)('has a %s from %d to %d', (property, least, most) => {
    const value = mapping[property];
    if (value === undefined) return;
    expect(value).toBeGreaterThanOrEqual(least);
    expect(value).toBeLessThanOrEqual(most);
  });

  test('waits for records, which a batch of more than ten demands', () => {
    expect(mapping.BatchSize > 10 && mapping.MaximumBatchingWindowInSeconds < 1).toBe(false);
  });

  test('has an age that is infinite or allowed: 60 seconds to 7 days', () => {
    const age = mapping.MaximumRecordAgeInSeconds ?? -1;
    expect(age === -1 || (age >= 60 && age <= 604_800)).toBe(true);
  });

  test('begins where a DynamoDB stream can be begun', () => {
    expect(['TRIM_HORIZON', 'LATEST']).toContain(mapping.StartingPosition);
    expect(deployedValue(mapping.EventSourceArn, template)).toMatch(
      /^arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table\/[\w.-]+\/stream\/[\dT:.-]+$/,
    );
  });

  test('asks for responses and metrics that exist for streams', () => {
    expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
    // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    expect(mapping.MetricsConfig?.Metrics ?? ['EventCount']).toEqual(['EventCount']);
  });

  test('has few and short filters, of operators that Lambda knows', () => {
    const { Filters } = mapping.FilterCriteria;
    expect(Filters.length).toBeLessThanOrEqual(MOST_FILTERS);
    for (const { Pattern } of Filters) {
      expect(Pattern.length).toBeLessThanOrEqual(LONGEST_FILTER);
      const parts = JSON.parse(Pattern);
      expect(Object.keys(parts)).toEqual(['dynamodb']);
      for (const operator of operatorsIn(parts)) expect(OPERATORS).toContain(operator);
    }
  });

  test('is created after the policy of its function, as which Lambda tries the stream and the bucket', () => {
    const before = allDependenciesOf(id, template);
    const types = [...before].map((needed) => template.Resources[needed]?.Type);
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::Role', 'AWS::S3::Bucket'])
      expect(types).toContain(type);
  });

  // "Cannot access stream …. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream,
  // and ListStreams Actions on your stream in IAM": tried when the mapping is created.
  // https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
  test('has a function that may read the stream', () => {
    const stream = deployedValue(mapping.EventSourceArn, template);
    const all = stream.replace(/\/stream\/.*/, '/stream/*');
    expect(mayOn(stream).sort()).toEqual(
      ['DescribeStream', 'GetRecords', 'GetShardIterator'].map((action) => `dynamodb:${action}`),
    );
    expect(mayOn(all)).toEqual(['dynamodb:ListStreams']);
  });

  // Lambda delivers below aws/lambda/ alone, yet it asks at creation whether the function may write anywhere in the
  // bucket, and list it. Else: "The function execution role does not have permissions to call PutObject on S3".
  // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
  test('has a function that may list the bucket of given up batches, and write anywhere in it', () => {
    const bucket = deployedValue(mapping.DestinationConfig.OnFailure.Destination, template);
    expect(mayOn(bucket)).toContain('s3:ListBucket');
    expect(mayOn(`${bucket}/*`)).toContain('s3:PutObject');
  });
});

/** The keys of the objects that stand in lists: `[{ "prefix": "a" }]`. */
function operatorsIn(pattern: unknown): string[] {
  if (Array.isArray(pattern)) {
    return pattern.flatMap((rule) => (typeof rule === 'object' && rule !== null ? Object.keys(rule) : []));
  }
  if (typeof pattern !== 'object' || pattern === null) throw new TypeError('A filter compares with a list.');
  return Object.values(pattern).flatMap(operatorsIn);
}
