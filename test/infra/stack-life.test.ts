import { beforeAll, describe, expect, test } from 'vitest';
import { deployed, ENVIRONMENTS } from '../support/deployed-templates.ts';
import { type Account, deploy, remove } from '../support/stack-life.ts';
import { creationOrder } from '../support/template-references.ts';
import type { TemplateJson } from '../support/template-values.ts';

const anAccount = (): Account => ({ existing: new Map() });

describe.each(ENVIRONMENTS)('the stack of %s', (environment) => {
  let stack: ReturnType<typeof deployed>;
  beforeAll(() => {
    stack = deployed(environment);
  });

  test('leaves nothing behind that the next attempt meets, whatever its first deployment fails at', () => {
    for (const refuses of creationOrder(stack.template)) {
      const account = anAccount();
      expect(() => deploy(account, { ...stack, refuses })).toThrow(
        `${refuses} is refused: ROLLBACK_COMPLETE`,
      );
      expect([...account.existing.keys()]).toEqual([]);
      expect(() => deploy(account, stack)).not.toThrow();
    }
  });

  test('is not protected before it stands', () => {
    expect(stack.isProtected).toBe(false);
  });
});

test('the data and logs of prod outlive a stack that stood', () => {
  const account = anAccount();
  deploy(account, deployed('prod'));
  remove(account);
  const types = [...account.existing.keys()].map((name) => name.split(' ')[0]);
  expect(new Set(types)).toEqual(
    new Set(['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup']),
  );
});

test('nothing of dev outlives its stack', () => {
  const account = anAccount();
  deploy(account, deployed('dev'));
  remove(account);
  expect([...account.existing.keys()]).toEqual([]);
});

describe('the model notices', () => {
  const aTable = (properties: object, policy: string): TemplateJson => ({
    Resources: {
      Table: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: { TableName: 'files', ...properties },
        DeletionPolicy: policy,
      },
      Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName: { Ref: 'Table' } } },
    },
  });
  const tries = (template: TemplateJson, isProtected = false) => {
    const account = anAccount();
    expect(() => deploy(account, { template, isProtected, refuses: 'Alarm' })).toThrow('Alarm is refused');
    return () => deploy(account, { template, isProtected });
  };

  test('a retained table, which the second attempt finds there', () => {
    expect(tries(aTable({}, 'Retain'))).toThrow('AWS::DynamoDB::GlobalTable files already exists');
  });

  test('a table that refuses to be deleted when the creation is rolled back', () => {
    const replicas = { Replicas: [{ DeletionProtectionEnabled: true }] };
    expect(tries(aTable(replicas, 'RetainExceptOnCreate'))).toThrow('already exists');
  });

  test('a stack that is protected although nothing of it stands', () => {
    expect(tries(aTable({}, 'RetainExceptOnCreate'), true)).toThrow('A protected stack cannot be deleted.');
    expect(tries(aTable({}, 'RetainExceptOnCreate'))).not.toThrow();
  });
});
