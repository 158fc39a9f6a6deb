import { creationOrder } from './template-references.ts';
import { deployedValue, type TemplateJson, type TemplateResource } from './template-values.ts';

/**
 * What CloudFormation documents about the life of a stack, as far as it decides what is left over:
 * - A failed creation is rolled back: everything that was created is deleted, except with `Retain`.
 * - `RetainExceptOnCreate` keeps resources like `Retain`, except after a creation that was rolled back.
 *   https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
 * - A resource that cannot be deleted ends the rollback with ROLLBACK_FAILED; a table with deletion protection cannot be.
 *   https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithTables.Basics.html
 * - A stack that is protected from termination cannot be deleted.
 * And about the CDK: it protects a stack before it executes the first change set, and deletes a stack whose creation
 * failed before it creates it again.
 */
export interface Account {
  /** What exists, by type and fixed name, and whether it refuses to be deleted. */
  readonly existing: Map<string, { readonly isProtected: boolean }>;
  stack?: Stack;
}

interface Stack {
  status: 'CREATE_COMPLETE' | 'ROLLBACK_COMPLETE' | 'ROLLBACK_FAILED';
  isProtected: boolean;
  readonly template: TemplateJson;
}

export interface Deployment {
  readonly template: TemplateJson;
  /** Whether the CDK protects the stack. */
  readonly isProtected: boolean;
  /** The resource that its service refuses to create. */
  readonly refuses?: string;
}

/** Deploys as the CDK does if there is no stack. @throws Error that says what prevents it */
export function deploy(account: Account, { template, isProtected, refuses }: Deployment): void {
  if (account.stack) remove(account);
  const stack: Stack = { status: 'CREATE_COMPLETE', isProtected, template };
  account.stack = stack;
  const created: string[] = [];
  for (const id of creationOrder(template)) {
    const problem = id === refuses ? `${id} is refused` : createResource(account, id, template);
    if (problem === undefined) created.push(id);
    else {
      rollBack(account, stack, created.reverse());
      throw new Error(`${problem}: ${stack.status}`);
    }
  }
}

/** Deletes the stack. @throws Error if the stack or one of its resources is protected */
export function remove(account: Account): void {
  const { stack } = account;
  if (!stack) return;
  if (stack.isProtected) throw new Error('A protected stack cannot be deleted.');
  const ids = stack.status === 'CREATE_COMPLETE' ? creationOrder(stack.template).reverse() : [];
  for (const id of ids) {
    if (!policyOf(id, stack.template).startsWith('Retain')) deleteResource(account, id, stack.template);
  }
  delete account.stack;
}

function createResource({ existing }: Account, id: string, template: TemplateJson): string | undefined {
  const name = fixedName(id, template);
  if (name === undefined) return undefined;
  if (existing.has(name)) return `${name} already exists`;
  const properties = JSON.stringify(template.Resources[id]?.Properties);
  existing.set(name, { isProtected: properties.includes('"DeletionProtectionEnabled":true') });
  return undefined;
}

function rollBack(account: Account, stack: Stack, created: readonly string[]): void {
  stack.status = 'ROLLBACK_COMPLETE';
  for (const id of created) {
    if (policyOf(id, stack.template) === 'Retain') continue;
    if (!deleteResource(account, id, stack.template)) stack.status = 'ROLLBACK_FAILED';
  }
}

function deleteResource({ existing }: Account, id: string, template: TemplateJson): boolean {
  const name = fixedName(id, template);
  if (name === undefined) return true;
  if (existing.get(name)?.isProtected) return false;
  existing.delete(name);
  return true;
}

function policyOf(id: string, template: TemplateJson): string {
  return template.Resources[id]?.DeletionPolicy ?? 'Delete';
}

const NAMES = [
  ...['AlarmName', 'BucketName', 'DashboardName', 'FunctionName', 'LogGroupName', 'ManagedPolicyName'],
  ...['Name', 'QueueName', 'RoleName', 'StateMachineName', 'TableName', 'TopicName'],
];

/** The type and fixed name of a resource, which no other one can have; undefined if CloudFormation chooses the name. */
function fixedName(id: string, template: TemplateJson): string | undefined {
  const { Type, Properties }: Partial<TemplateResource> = template.Resources[id] ?? {};
  if (Type === 'AWS::Lambda::EventSourceMapping') return undefined;
  const property = NAMES.find((name) => Properties && name in Properties);
  return property && `${Type} ${deployedValue(Properties?.[property], template)}`;
}
