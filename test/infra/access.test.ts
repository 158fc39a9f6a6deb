import { App, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { expect, test } from 'vitest';
import { grant } from '../../infra/access.ts';
import { environmentSettings } from '../../infra/settings.ts';
import { type FunctionName, functionName } from '../../shared/aws/deployment-names.ts';
import { deployed } from '../support/deployed-templates.ts';
import { functionsOf, isAllowedBy } from '../support/policies.ts';
import { tableArn } from '../support/template-values.ts';

function aRole() {
  const stack = new Stack(new App(), 'Stack');
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  return { role, bucket: new Bucket(stack, 'Bucket') };
}

test('a wildcard without a reason is refused', () => {
  const { role, bucket } = aRole();
  const access = { actions: ['s3:GetObject'], resources: [bucket.arnForObjects('*')] };
  expect(() => grant(role, [access])).toThrow(/Stack\/Role may s3:GetObject on <Bucket.*\.Arn>\/\*: say why/);
  expect(() => grant(role, [{ ...access, wildcard: 'Objects are named by others.' }])).not.toThrow();
});

test('a whole name needs no reason', () => {
  const { role, bucket } = aRole();
  expect(() => grant(role, [{ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }])).not.toThrow();
});

test('only the operations function writes acknowledgements and notes; functions that need acknowledgements read them', () => {
  const functions = functionsOf(deployed('dev').template);
  const allowed = (action: string, leadingKey: string) =>
    functions
      .filter(({ environment, permissions }) => {
        const call = { action, resource: tableArn(environment.PROJECTION_TABLE ?? ''), leadingKey };
        return permissions.some((permission) => isAllowedBy(call, permission));
      })
      .map(({ name }) => name);
  const named = (name: FunctionName) => functionName(name, environmentSettings('dev', {}));
  for (const action of ['PutItem', 'UpdateItem', 'DeleteItem'])
    for (const key of ['ACKNOWLEDGED', 'NOTES#2026-11-23'])
      expect(allowed(`dynamodb:${action}`, key), `${action} ${key}`).toEqual([named('operations')]);
  const readers = allowed('dynamodb:Query', 'ACKNOWLEDGED');
  for (const name of ['operations', 'orphan-sweep', 'stream-consumer', 'watchdog'] as const)
    expect(readers).toContain(named(name));
  expect(allowed('dynamodb:PutItem', 'DATES')).toContain(named('stream-consumer'));
});

test('what only observes queries no change, no plan, no approval and no note', () => {
  const functions = functionsOf(deployed('dev').template);
  const readsChanges = (['operations', 'operations-read', 'dashboard-widget'] as const).map((name) =>
    functionName(name, environmentSettings('dev', {})),
  );
  for (const leadingKey of ['CHANGES', 'CHANGE#x', 'PLAN#x', 'UPKEEP', 'APPROVALS', 'NOTES#2026-11-23']) {
    const may = functions.filter(({ environment, permissions }) => {
      const resource = tableArn(environment.PROJECTION_TABLE ?? '');
      const call = { action: 'dynamodb:Query', resource, leadingKey };
      return permissions.some((permission) => isAllowedBy(call, permission));
    });
    expect(may.map(({ name }) => name).sort(), leadingKey).toEqual([...readsChanges].sort());
  }
});
