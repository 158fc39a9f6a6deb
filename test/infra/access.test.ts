import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { expect, test } from 'vitest';
import { grant } from '../../infra/access.ts';

function aRole() {
  const stack = new Stack(new App(), 'Stack');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  return { role, bucket: new Bucket(stack, 'Bucket') };
}

test('a wildcard that nobody has given a reason for is refused', () => {
  const { role, bucket } = aRole();
  const access = { actions: ['s3:GetObject'], resources: [bucket.arnForObjects('*')] };
  expect(() => grant(role, [access])).toThrow(/Stack\/Role may s3:GetObject on <Bucket.*\.Arn>\/\*: say why/);
  expect(() => grant(role, [{ ...access, wildcard: 'Objects are named by others.' }])).not.toThrow();
});

test('a whole name needs no reason', () => {
  const { role, bucket } = aRole();
  expect(() => grant(role, [{ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }])).not.toThrow();
});
