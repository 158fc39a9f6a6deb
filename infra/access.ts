import { Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  APPROVAL_PARTITIONS,
  AUDIT_PARTITIONS,
  UPKEEP_PARTITION,
  WORD_PARTITIONS,
} from '../shared/changes/change-items.ts';
import { ACKNOWLEDGED } from '../shared/reports/acknowledgements.ts';
import { type Encrypted, keyAccess } from './key-access.ts';
import type { TrackingTableArns } from './storage.ts';

/** The ARNs of everything a function may be given access to. */
export interface Resources {
  readonly tracking: TrackingTableArns;
  readonly projectionArn: string;
  readonly inputBucketArn: string;
  readonly manifestBucketArn: string;
  readonly outputBucketArn: string;
  readonly quarantineBucketArn: string;
  readonly deadLetterBucketArn: string;
  /** Of the event bus that receives notices; undefined without one. */
  readonly eventBusArn: string | undefined;
  /** Those of them that are encrypted with customer managed keys. */
  readonly encrypted: readonly Encrypted[];
}

/** Exactly these actions on exactly these resources. `isDenied` denies them even if something else allows them. */
export interface Access {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Why a resource has a wildcard, in one sentence. */
  readonly wildcard?: string;
  /** Partitions of a table that are excluded, perhaps with `*`. */
  readonly exceptKeys?: readonly string[];
  /** The only partitions of a table that are included, perhaps with `*` or with policy variables. */
  readonly onlyKeys?: readonly string[];
  readonly isDenied?: true;
}

/** Allows all of it, including the use of the encryption keys that it needs. */
export function grant(role: Role, accesses: readonly Access[], encrypted: readonly Encrypted[] = []): void {
  for (const statement of statementsOf(role, accesses, encrypted)) role.addToPolicy(statement);
}

/**
 * The statements that allow it. S3 actions are allowed only in buckets of this account: bucket names are global, so the
 * name of a deleted bucket may be taken by somebody else.
 *
 * @param holder the role or policy that gets them
 * @throws Error for a wildcard without a reason
 */
export function statementsOf(
  holder: Construct,
  accesses: readonly Access[],
  encrypted: readonly Encrypted[],
): PolicyStatement[] {
  const { account } = Stack.of(holder);
  for (const access of accesses) acknowledgeWildcards(holder, access);
  return [
    ...accesses.map(
      ({ actions, resources, exceptKeys, onlyKeys, isDenied }) =>
        new PolicyStatement({
          effect: isDenied ? Effect.DENY : Effect.ALLOW,
          actions: [...actions],
          resources: [...resources],
          ...(actions.some((action) => action.startsWith('s3:')) && {
            conditions: { StringEquals: { 's3:ResourceAccount': account } },
          }),
          ...(exceptKeys && {
            conditions: { 'ForAllValues:StringNotLike': { 'dynamodb:LeadingKeys': [...exceptKeys] } },
          }),
          ...(onlyKeys && {
            conditions: {
              [`ForAllValues:${operatorFor(onlyKeys)}`]: { 'dynamodb:LeadingKeys': [...onlyKeys] },
            },
          }),
        }),
    ),
    ...keyAccess(
      accesses.filter(({ isDenied }) => !isDenied),
      encrypted,
    ).map(
      ({ actions, keys, via }) =>
        new PolicyStatement({
          actions: [...actions],
          resources: [...keys],
          conditions: { StringEquals: { 'kms:ViaService': via } },
        }),
    ),
  ];
}

/** Without wildcards, so that the value of a policy variable is never treated as a pattern. */
function operatorFor(keys: readonly string[]): 'StringEquals' | 'StringLike' {
  return keys.some((key) => key.includes('*')) ? 'StringLike' : 'StringEquals';
}

function acknowledgeWildcards(holder: Construct, { actions, resources, wildcard }: Access): void {
  for (const resource of resources) {
    const arn = arnAsText(Stack.of(holder).resolve(resource));
    if (!arn.includes('*')) continue;
    if (!wildcard)
      throw new Error(
        `${holder.node.path} may ${actions.join(', ')} on ${arn}: say why a wildcard is needed.`,
      );
    Validations.of(holder).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}]`, reason: wildcard });
  }
}

type ItemAction = 'BatchGet' | 'BatchWrite' | 'Delete' | 'Get' | 'Put' | 'Query' | 'Scan' | 'Update';

/** Actions on the items of a table or an index, by their short names. */
export function items(...actions: readonly ItemAction[]): string[] {
  return actions.map(
    (action) => `dynamodb:${action === 'Query' || action === 'Scan' ? action : `${action}Item`}`,
  );
}

/**
 * The same on the projection table, for functions that make no changes: they cannot reach the audit of changes, plans,
 * approvals, acknowledgements or notes.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function besideAudit(
  resources: Pick<Resources, 'projectionArn'>,
  ...actions: readonly ItemAction[]
): Access {
  return beside([...AUDIT_PARTITIONS, ...UPKEEP_AND_APPROVALS, ...WORD_PARTITIONS], resources, actions);
}

/** Queries only what people have acknowledged: for functions that leave it out and may not write it. */
export function queryAcknowledged({ projectionArn }: Pick<Resources, 'projectionArn'>): Access {
  return { actions: items('Query'), resources: [projectionArn], onlyKeys: [ACKNOWLEDGED] };
}

/** Like `besideAudit`, for functions that make changes: they can neither approve them nor overwrite who maintained the projection. */
export function besideApprovals(
  resources: Pick<Resources, 'projectionArn'>,
  ...actions: readonly ItemAction[]
): Access {
  return beside(UPKEEP_AND_APPROVALS, resources, actions);
}

const UPKEEP_AND_APPROVALS = [UPKEEP_PARTITION, ...APPROVAL_PARTITIONS];

function beside(
  exceptKeys: readonly string[],
  { projectionArn }: Pick<Resources, 'projectionArn'>,
  actions: readonly ItemAction[],
): Access {
  return { actions: items(...actions), resources: [projectionArn], exceptKeys };
}

/** Deletes acknowledgements and notes, and nothing else in the projection. */
export function removeWords({ projectionArn }: Pick<Resources, 'projectionArn'>): Access {
  return { actions: items('Delete'), resources: [projectionArn], onlyKeys: WORD_PARTITIONS };
}

/** Puts objects into a folder of the dead letter bucket; nothing else is allowed there. */
export function writeTo(folder: string, { deadLetterBucketArn }: Resources, wildcard: string): Access {
  return { actions: ['s3:PutObject'], resources: [`${deadLetterBucketArn}/${folder}*`], wildcard };
}

type PipelineBucket = 'input' | 'manifest' | 'output' | 'quarantine';

/**
 * Whether an object exists is asked with HeadObject, which the right to read it includes. Only those who may list the
 * bucket get the answer that it does not exist. Outputs are only listed here: `readRows` reads them.
 */
export function lookIntoBuckets(resources: Resources, buckets: readonly PipelineBucket[]): Access[] {
  const arns = buckets.map((bucket) => resources[`${bucket}BucketArn`]);
  return [
    {
      actions: ['s3:GetObject'],
      resources: arns.filter((arn) => arn !== resources.outputBucketArn).map((arn) => `${arn}/*`),
      wildcard: 'A record may name any object of the bucket.',
    },
    { actions: ['s3:ListBucket'], resources: arns },
  ];
}

/** Reads the output rows. Nothing in this project may write there. */
export function readRows({ outputBucketArn }: Resources): Access {
  return {
    actions: ['s3:GetObject'],
    resources: [`${outputBucketArn}/*`],
    wildcard: 'Jobs choose the names of the objects that they write.',
  };
}

/**
 * A service, but only when it acts for this account; otherwise it would assume the role for anybody who names it.
 *
 * Lambda needs no such condition: a role can only be passed to it within its own account, and the AWS guide to execution
 * roles has no such condition, neither for functions nor for the pollers that read streams on their behalf.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
 */
export function serviceOfThisAccount(scope: Construct, service: string): ServicePrincipal {
  return new ServicePrincipal(service, {
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}

/** An ARN as cdk-nag names it in its findings: `<LogicalId.Arn>/dead-letters/*`. */
function arnAsText(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Partial<Intrinsics>;
  if (Ref) return `<${Ref}>`;
  if (attribute) return `<${attribute.join('.')}>`;
  if (join) return join[1].map(arnAsText).join(join[0]);
  throw new TypeError(`No ARN can be read from ${JSON.stringify(value)}.`);
}

interface Intrinsics {
  readonly Ref: string;
  readonly 'Fn::GetAtt': readonly string[];
  readonly 'Fn::Join': readonly [string, readonly unknown[]];
}
