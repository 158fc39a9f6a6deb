import { Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { TrackingTableArns } from './tracking-table.ts';

/** The ARNs of everything a function may be given access to. */
export interface Resources {
  readonly tracking: TrackingTableArns;
  readonly projectionArn: string;
  readonly inputBucketArn: string;
  readonly manifestBucketArn: string;
  readonly outputBucketArn: string;
  readonly quarantineBucketArn: string;
  readonly deadLetterBucketArn: string;
}

/** Exactly these actions on exactly these resources. */
export interface Access {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Why a resource is not named to its end, in a sentence. */
  readonly wildcard?: string;
}

/** @throws Error for a wildcard that nobody has given a reason for */
export function grant(role: Role, { actions, resources, wildcard }: Access): void {
  role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  for (const resource of resources) {
    const arn = arnAsText(Stack.of(role).resolve(resource));
    if (!arn.includes('*')) continue;
    if (!wildcard)
      throw new Error(`${role.node.path} may ${actions.join(', ')} on ${arn}: say why a wildcard is needed.`);
    Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}]`, reason: wildcard });
  }
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
