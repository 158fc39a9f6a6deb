import { isDeepStrictEqual } from 'node:util';
import type { Call } from './aws-calls.ts';
import { deployedValue, type TemplateJson } from './template-values.ts';

/** One action that is allowed on resources that match a pattern. */
export interface Permission {
  readonly action: string;
  /** An ARN, perhaps with `*`. */
  readonly resource: string;
  /** Partitions that it does not apply to. */
  readonly exceptKeys?: readonly string[];
  /** The only partition that it applies to, perhaps with `*` or `${aws:userid}` in it. */
  readonly onlyKey?: string;
  /** Whether it denies instead of allowing. */
  readonly isDenied?: true;
}

/** A function in a template. */
export interface TemplateFunction {
  readonly name: string;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly permissions: readonly Permission[];
}

/** The functions of a template. @throws Error if a policy is more than a list of allowed actions */
export function functionsOf(template: TemplateJson): TemplateFunction[] {
  return resourcesOf<FunctionProperties>(template, 'AWS::Lambda::Function').map((properties) => ({
    name: properties.FunctionName,
    timeoutSeconds: properties.Timeout,
    environment: Object.fromEntries(
      Object.entries(properties.Environment.Variables).map(([name, value]) => [
        name,
        deployedValue(value, template),
      ]),
    ),
    permissions: permissionsOf(properties.Role['Fn::GetAtt'][0], template),
  }));
}

interface FunctionProperties {
  readonly FunctionName: string;
  readonly Timeout: number;
  readonly Environment: { readonly Variables: Readonly<Record<string, unknown>> };
  readonly Role: { readonly 'Fn::GetAtt': readonly [string, string] };
}

/** The permissions in the policies of a role. @param role its id in the template */
export function permissionsOf(role: string, template: TemplateJson): Permission[] {
  const policies = resourcesOf<PolicyProperties>(template, 'AWS::IAM::Policy');
  const own = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role));
  return own.flatMap(({ PolicyDocument }) => permissionsIn(PolicyDocument, role, template));
}

/** The permissions in managed policies, by their names. */
export function managedPolicies(template: TemplateJson): Readonly<Record<string, readonly Permission[]>> {
  const policies = resourcesOf<ManagedPolicyProperties>(template, 'AWS::IAM::ManagedPolicy');
  return Object.fromEntries(
    policies.map(({ ManagedPolicyName: name, PolicyDocument }) => [
      name,
      permissionsIn(PolicyDocument, name, template),
    ]),
  );
}

function permissionsIn({ Statement }: PolicyDocument, holder: string, template: TemplateJson): Permission[] {
  return Statement.flatMap(({ Effect, Action, Resource, ...others }) => {
    const exceptKeys = keysIn('ForAllValues:StringNotLike', others);
    const onlyKeys = keysIn('ForAllValues:StringEquals', others) ?? keysIn('ForAllValues:StringLike', others);
    const isKnown = Effect === 'Allow' || (Effect === 'Deny' && Object.keys(others).length === 0);
    if (!isKnown || !(exceptKeys || onlyKeys || isOfOwnBuckets(others))) {
      throw new Error(`This test cannot judge ${Effect} with ${JSON.stringify(others)} of ${holder}.`);
    }
    const resources = [Resource].flat().map((resource) => deployedValue(resource, template));
    const permissions: Permission[] = [Action].flat().flatMap((action) =>
      resources.map((resource) => ({
        ...{ action, resource, ...(exceptKeys && { exceptKeys }) },
        ...(Effect === 'Deny' && { isDenied: true as const }),
      })),
    );
    // Each of them has to be needed individually.
    return onlyKeys
      ? permissions.flatMap((each) => onlyKeys.map((onlyKey) => ({ ...each, onlyKey })))
      : permissions;
  });
}

/** The partitions of a table in a statement's condition; undefined if it has another condition, or none. */
function keysIn(
  operator: 'ForAllValues:StringNotLike' | 'ForAllValues:StringEquals' | 'ForAllValues:StringLike',
  { Condition, ...unknown }: { readonly Condition?: unknown },
): string[] | undefined {
  const condition = Condition as
    | Readonly<Record<string, { readonly 'dynamodb:LeadingKeys'?: unknown }>>
    | undefined;
  const keys = condition?.[operator]?.['dynamodb:LeadingKeys'];
  const isAlone = isDeepStrictEqual(Condition, { [operator]: { 'dynamodb:LeadingKeys': keys } });
  return keys !== undefined && isAlone && Object.keys(unknown).length === 0
    ? ([keys].flat() as string[])
    : undefined;
}

/** No condition, or that the bucket belongs to the deploying account, as all buckets of the tests do. */
function isOfOwnBuckets({ Condition, ...unknown }: { readonly Condition?: unknown }): boolean {
  const owns = [{ Ref: 'AWS::AccountId' }, '000000000000'].map((account) => ({
    StringEquals: { 's3:ResourceAccount': account },
  }));
  const isKnown = Condition === undefined || owns.some((own) => isDeepStrictEqual(Condition, own));
  return isKnown && Object.keys(unknown).length === 0;
}

interface PolicyDocument {
  readonly Statement: readonly {
    readonly Effect: string;
    readonly Action: string | string[];
    readonly Resource: unknown;
    readonly Condition?: unknown;
  }[];
}

interface PolicyProperties {
  readonly Roles: readonly { readonly Ref: string }[];
  readonly PolicyDocument: PolicyDocument;
}

interface ManagedPolicyProperties {
  readonly ManagedPolicyName: string;
  readonly PolicyDocument: PolicyDocument;
}

function resourcesOf<P>({ Resources }: TemplateJson, type: string): P[] {
  return Object.values(Resources).flatMap(({ Type, Properties }) => (Type === type ? [Properties as P] : []));
}

/**
 * Whether the permission allows the call. If it has a condition on partitions, it never allows a call whose partition is
 * unknown.
 *
 * @param userId the caller's `${aws:userid}`
 */
export function isAllowedBy(call: Call, permission: Permission, userId = 'somebody'): boolean {
  const { leadingKey } = call;
  const { exceptKeys, onlyKey, isDenied = false } = permission;
  const isExcepted =
    exceptKeys !== undefined &&
    (leadingKey === undefined || exceptKeys.some((pattern) => matches(pattern, leadingKey)));
  const own = onlyKey?.replace(`\${aws:userid}`, userId);
  const isMeant = own === undefined || (leadingKey !== undefined && matches(own, leadingKey));
  return !isDenied && isAbout(call, permission) && isMeant && !isExcepted;
}

/** Whether the permission denies the call, whatever else allows it. */
export function isDeniedBy(call: Call, permission: Permission): boolean {
  return permission.isDenied === true && isAbout(call, permission);
}

function isAbout({ action, resource }: Call, permission: Permission): boolean {
  return permission.action === action && matches(permission.resource, resource);
}

function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.+?()[\]{}|/]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
}
