import { describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS, resourcesOf } from '../../support/deployed-templates.ts';
import { deployedText } from '../../support/template-values.ts';

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: { readonly Service?: string } | string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Document {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const INLINE_CHARACTERS = 10_240;
const MANAGED_CHARACTERS = 6_144;
const TRUST_CHARACTERS = 2_048;

/** Services that say for whom they act, so that a role can ask for the account. */
const TELL_THEIR_ACCOUNT = ['events.amazonaws.com', 'scheduler.amazonaws.com', 'states.amazonaws.com'];

/** Lambda knows no such condition. */
const TRUSTED_WITHOUT = ['lambda.amazonaws.com'];

describe.each(ENVIRONMENTS)('in %s', (environment) => {
  const { template } = deployed(environment);
  const roles = resourcesOf(template, 'AWS::IAM::Role');

  test('all policies of a role together are short enough', () => {
    for (const [role] of roles) {
      const own = resourcesOf(template, 'AWS::IAM::Policy').filter(([, { Roles }]) =>
        JSON.stringify(Roles).includes(`"${role}"`),
      );
      // IAM counts no white space.
      const characters = own.map(([, { PolicyDocument }]) => deployedText(PolicyDocument, template).length);
      expect(
        characters.reduce((sum, count) => sum + count, 0),
        role,
      ).toBeLessThanOrEqual(INLINE_CHARACTERS);
    }
  });

  test('each managed policy is short enough, and goes to nobody by itself', () => {
    const policies = resourcesOf(template, 'AWS::IAM::ManagedPolicy');
    expect(policies).not.toEqual([]);
    for (const [id, { PolicyDocument, Groups, Roles, Users }] of policies) {
      expect(deployedText(PolicyDocument, template).length, id).toBeLessThanOrEqual(MANAGED_CHARACTERS);
      expect([Groups, Roles, Users], id).toEqual([undefined, undefined, undefined]);
    }
  });

  test('a role trusts one service, for this account alone where the service tells it', () => {
    for (const [role, { AssumeRolePolicyDocument }] of roles) {
      expect(deployedText(AssumeRolePolicyDocument, template).length).toBeLessThanOrEqual(TRUST_CHARACTERS);
      const [trust, ...others] = (AssumeRolePolicyDocument as Document).Statement;
      expect(others, role).toEqual([]);
      const { Service = '' } = typeof trust?.Principal === 'object' ? trust.Principal : {};
      expect([...TELL_THEIR_ACCOUNT, ...TRUSTED_WITHOUT], role).toContain(Service);
      const account = trust?.Condition?.StringEquals?.['aws:SourceAccount'];
      expect(account !== undefined || TRUSTED_WITHOUT.includes(Service), role).toBe(true);
    }
  });

  test('what a role or a person may do in S3 they may do in buckets of this account alone', () => {
    const policies = ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) =>
      resourcesOf(template, type),
    );
    const statements = policies.flatMap(([, { PolicyDocument }]) => (PolicyDocument as Document).Statement);
    const onBuckets = statements.filter(({ Action }) =>
      [Action].flat().some((action) => action.startsWith('s3:')),
    );
    expect(onBuckets).not.toEqual([]);
    for (const { Condition } of onBuckets) {
      expect(Object.keys(Condition ?? {})).toEqual(['StringEquals']);
      expect(Object.keys(Condition?.StringEquals ?? {})).toEqual(['s3:ResourceAccount']);
    }
  });

  // https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-overview-of-managing-access.html
  test.each([
    ['AWS::SNS::TopicPolicy', ['sns:Publish'], 30_720],
    ['AWS::SQS::QueuePolicy', ['sqs:*', 'sqs:SendMessage'], 20_480],
    ['AWS::S3::BucketPolicy', ['s3:*'], 20_480],
  ] as const)('%s names actions of its own service alone: %j', (type, actions, characters) => {
    for (const [id, { PolicyDocument }] of resourcesOf(template, type)) {
      expect(deployedText(PolicyDocument, template).length, id).toBeLessThanOrEqual(characters);
      const { Version, Statement } = PolicyDocument as Document;
      expect(Version).toBe('2012-10-17');
      for (const { Action, Principal, Resource } of Statement) {
        for (const action of [Action].flat()) expect(actions, id).toContain(action);
        expect(Principal, id).toBeDefined();
        expect(Resource, id).toBeDefined();
      }
    }
  });
});
