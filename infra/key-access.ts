import type { EnvironmentSettings } from './settings.ts';

/** A table, stream or bucket that is encrypted with a customer managed key. */
export interface Encrypted {
  /** Resources in it have the same ARN, or one that continues after a slash. */
  readonly arn: string;
  readonly keyArn: string;
}

/** What a service may do with keys on behalf of a role or a person. */
export interface KeyAccess {
  readonly actions: readonly string[];
  readonly keys: readonly string[];
  /** Such as `dynamodb.us-east-1.amazonaws.com`, the value of `kms:ViaService`. */
  readonly via: string;
}

/**
 * What each call needs of the key behind its resource. DynamoDB decrypts the table's key on behalf of the caller, for
 * reads, for writes, and for reading the stream, which is encrypted like its table. S3 needs a new data key for writes;
 * Lambda needs it to keep batches that it gives up on, and a multipart upload is also decrypted. Calls that describe or
 * list need no key.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk-on-failure.html (the same destination as a stream's)
 */
const KEY_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    [
      ...['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'Scan', 'UpdateItem'],
      ...['GetRecords', 'GetShardIterator'],
    ].map((name) => [`dynamodb:${name}`, ['kms:Decrypt']]),
  ),
  's3:GetObject': ['kms:Decrypt'],
  's3:PutObject': ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/** The use of keys that these actions also need; empty if nothing is encrypted with customer managed keys. */
export function keyAccess(
  accesses: readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[],
  encrypted: readonly Encrypted[],
): KeyAccess[] {
  const needed = new Map<string, Set<string>>();
  for (const { actions, resources } of accesses) {
    for (const { arn, keyArn } of encrypted) {
      if (!resources.some((resource) => resource === arn || resource.startsWith(`${arn}/`))) continue;
      for (const action of actions) {
        const use = `${viaService(action, keyArn)} ${keyArn}`;
        for (const keyAction of KEY_ACTIONS[action] ?? [])
          needed.set(use, (needed.get(use) ?? new Set()).add(keyAction));
      }
    }
  }
  return byActions(needed);
}

/** A key is in the same region as what it encrypts. */
function viaService(action: string, keyArn: string): string {
  return `${action.split(':')[0]}.${keyArn.split(':')[3]}.amazonaws.com`;
}

/** Groups keys that the same service uses in the same way, because the size of a policy is limited. */
function byActions(needed: ReadonlyMap<string, ReadonlySet<string>>): KeyAccess[] {
  const grouped = new Map<string, { actions: string[]; keys: string[]; via: string }>();
  for (const [use, set] of needed) {
    const [via = '', key = ''] = use.split(' ');
    const actions = [...set].sort();
    const name = [via, ...actions].join(' ');
    const group = grouped.get(name) ?? { actions, keys: [], via };
    group.keys.push(key);
    grouped.set(name, group);
  }
  return [...grouped.values()];
}

type Named = Readonly<Record<keyof EnvironmentSettings['kmsKeys'], readonly string[]>>;

/** Everything in an environment that is encrypted with customer managed keys. @param arns what each key of the settings encrypts */
export function encryptedBy(kmsKeys: EnvironmentSettings['kmsKeys'], arns: Named): Encrypted[] {
  return Object.entries(arns).flatMap(([name, all]) => {
    const keyArn = kmsKeys[name as keyof Named];
    return keyArn === undefined ? [] : all.map((arn) => ({ arn, keyArn }));
  });
}
