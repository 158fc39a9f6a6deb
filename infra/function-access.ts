import { BUCKET_PREFIXES, runsFolder } from '../shared/aws/deployment-names.ts';
import type { Access, Resources } from './access.ts';
import type { EnvironmentSettings } from './settings.ts';

/**
 * What each function may do: every call it makes, and none besides. `test/infra/deployed-functions.test.ts` runs the
 * functions and compares.
 */

export function consumerAccess({ projectionArn, deadLetterBucketArn }: Resources): Access[] {
  return [
    { actions: items('Get', 'Put', 'Query', 'Update'), resources: [projectionArn] },
    {
      actions: ['s3:PutObject'],
      resources: [`${deadLetterBucketArn}/${BUCKET_PREFIXES.deadLetters}*`],
      wildcard: 'A dead letter is named after its content.',
    },
  ];
}

export function operationsAccess(resources: Resources): Access[] {
  const { tracking, projectionArn } = resources;
  return [
    { actions: items('Get', 'Query', 'Update'), resources: [tracking.tableArn] },
    { actions: items('Query'), resources: [tracking.indexArn] },
    { actions: items('Get', 'Put', 'Query', 'Update'), resources: [projectionArn] },
    ...lookIntoBuckets(resources, ['input', 'manifest', 'output', 'quarantine']),
  ];
}

export function widgetAccess({ tracking, projectionArn }: Resources): Access[] {
  return [
    { actions: items('Get', 'Query'), resources: [tracking.tableArn] },
    { actions: items('Query'), resources: [tracking.indexArn] },
    { actions: items('BatchGet', 'Get', 'Query'), resources: [projectionArn] },
  ];
}

/** Only with the policy to apply changes may it write to the pipeline's table, and only then to its changes. */
export function sweepAccess(resources: Resources, { autoHeal }: EnvironmentSettings): Access[] {
  const { tracking, projectionArn, deadLetterBucketArn } = resources;
  const applies = autoHeal.mode === 'apply';
  const plansFolder: Access = {
    actions: ['s3:PutObject'],
    resources: [`${deadLetterBucketArn}/${runsFolder('orphan-sweep')}*`],
    wildcard: 'A plan is named after its time.',
  };
  return [
    { actions: items('Get', ...(applies ? (['Update'] as const) : [])), resources: [tracking.tableArn] },
    { actions: items('Query'), resources: [tracking.indexArn] },
    {
      actions: items('Delete', 'Get', 'Put', 'Query', ...(applies ? (['Update'] as const) : [])),
      resources: [projectionArn],
    },
    ...(autoHeal.mode === 'plan' ? [plansFolder] : []),
    ...lookIntoBuckets(resources, ['input', 'manifest', 'output', 'quarantine']),
  ];
}

export function auditAccess(resources: Resources): Access[] {
  const { tracking, projectionArn, deadLetterBucketArn } = resources;
  return [
    { actions: items('Get', 'Query'), resources: [tracking.tableArn] },
    { actions: items('Delete', 'Get', 'Put', 'Query', 'Update'), resources: [projectionArn] },
    ...lookIntoBuckets(resources, ['input', 'quarantine']),
    {
      actions: ['s3:PutObject'],
      resources: [`${deadLetterBucketArn}/${runsFolder('consistency-audit')}*`],
      wildcard: 'A list of issues is named after its date and time.',
    },
  ];
}

export function statsAccess({ projectionArn, deadLetterBucketArn }: Resources): Access[] {
  return [
    { actions: items('Get', 'Put', 'Query', 'Update'), resources: [projectionArn] },
    { actions: ['s3:ListBucket'], resources: [deadLetterBucketArn] },
  ];
}

export function rebuildAccess({ tracking, projectionArn }: Resources): Access[] {
  return [
    { actions: items('Scan'), resources: [tracking.tableArn] },
    { actions: items('BatchGet', 'Get', 'Put', 'Update'), resources: [projectionArn] },
  ];
}

type PipelineBucket = 'input' | 'manifest' | 'output' | 'quarantine';

/**
 * Whether an object is there is told by its head, which is part of reading it; that it is not, only to those
 * who may list its bucket. Outputs are listed alone, for their names are nobody's to foresee.
 */
function lookIntoBuckets(resources: Resources, buckets: readonly PipelineBucket[]): Access[] {
  const arns = buckets.map((bucket) => resources[`${bucket}BucketArn`]);
  return [
    {
      actions: ['s3:GetObject'],
      resources: arns.filter((arn) => arn !== resources.outputBucketArn).map((arn) => `${arn}/*`),
      wildcard: 'An object lies wherever its record says.',
    },
    { actions: ['s3:ListBucket'], resources: arns },
  ];
}

type Item = 'BatchGet' | 'Delete' | 'Get' | 'Put' | 'Query' | 'Scan' | 'Update';

function items(...kinds: readonly Item[]): string[] {
  return kinds.map((kind) => `dynamodb:${kind === 'Query' || kind === 'Scan' ? kind : `${kind}Item`}`);
}
