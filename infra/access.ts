import { Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  APPROVAL_PARTITIONS,
  AUDIT_PARTITIONS,
  UPKEEP_PARTITION,
  WORD_PARTITIONS,
} from '../shared/changes/change-items.ts';
import { ACKNOWLEDGED } from '../shared/projection/acknowledgements.ts';
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
  /** Of the bus that is told what happens; undefined without one. */
  readonly eventBusArn: string | undefined;
  /** What of it is encrypted with keys of one's own. */
  readonly encrypted: readonly Encrypted[];
}

/** Exactly these actions on exactly these resources; `isDenied`: whatever else allows them. */
export interface Access {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Why a resource is not named to its end, in a sentence. */
  readonly wildcard?: string;
  /** Partitions of a table that are kept out of it, perhaps with `*`. */
  readonly exceptKeys?: readonly string[];
  /** The only partitions of a table that it is about, perhaps with `*`, or with variables of policies. */
  readonly onlyKeys?: readonly string[];
  readonly isDenied?: true;
}

/** Allows all of it, and with it the use of the keys that it takes. */
export function grant(role: Role, accesses: readonly Access[], encrypted: readonly Encrypted[] = []): void {
  for (const statement of statementsOf(role, accesses, encrypted)) role.addToPolicy(statement);
}

/**
 * The statements that allow it. What concerns S3 is allowed in buckets of this account alone: names of buckets are
 * global, so the name of one that was deleted may become somebody else's.
 *
 * @param holder the role or policy that gets them
 * @throws Error for a wildcard that nobody has given a reason for
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

/** What a variable stands for is never taken for a pattern. */
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
 * The same on the projection table for whatever makes no changes: it cannot reach the audit of those, nor plans, nor
 * approvals, nor what people have acknowledged or noted.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function besideAudit(
  resources: Pick<Resources, 'projectionArn'>,
  ...actions: readonly ItemAction[]
): Access {
  return beside([...AUDIT_PARTITIONS, ...UPKEEP_AND_APPROVALS, ...WORD_PARTITIONS], resources, actions);
}

/** Queries what people have acknowledged, and nothing else: for whatever leaves that out, and may not write it. */
export function queryAcknowledged({ projectionArn }: Pick<Resources, 'projectionArn'>): Access {
  return { actions: items('Query'), resources: [projectionArn], onlyKeys: [ACKNOWLEDGED] };
}

/** As `besideAudit` for whatever makes changes: it can neither approve them, nor write over who maintained the projection. */
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

/** Takes away what people have acknowledged or noted, and nothing else of the projection. */
export function removeWords({ projectionArn }: Pick<Resources, 'projectionArn'>): Access {
  return { actions: items('Delete'), resources: [projectionArn], onlyKeys: WORD_PARTITIONS };
}

/** Puts objects into a folder of the dead letter bucket, and can do nothing else there. */
export function writeTo(folder: string, { deadLetterBucketArn }: Resources, wildcard: string): Access {
  return { actions: ['s3:PutObject'], resources: [`${deadLetterBucketArn}/${folder}*`], wildcard };
}

type PipelineBucket = 'input' | 'manifest' | 'output' | 'quarantine';

/**
 * Whether an object is there is told by its head, which is part of reading it; that it is not, only to those
 * who may list its bucket. Outputs are only listed here: `readRows` reads them.
 */
export function lookIntoBuckets(resources: Resources, buckets: readonly PipelineBucket[]): Access[] {
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

/** Reads the rows of the output. Nothing of this project may write there. */
export function readRows({ outputBucketArn }: Resources): Access {
  return {
    actions: ['s3:GetObject'],
    resources: [`${outputBucketArn}/*`],
    wildcard: 'Jobs name the objects that they write.',
  };
}

/**
 * A service, as far as it acts for this account: else it would take a role on for anybody who names it.
 *
 * Lambda is not asked for the account: a role can only be passed to it within its own one, and the AWS guide to
 * execution roles knows no such condition, neither for functions nor for what polls streams in their name.
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
