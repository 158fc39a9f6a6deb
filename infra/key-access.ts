import type { EnvironmentSettings } from './settings.ts';

/** A table, stream or bucket that is encrypted with a key of one's own. */
export interface Encrypted {
  /** What of it is asked for has the same ARN, or one that goes on after a slash. */
  readonly arn: string;
  readonly keyArn: string;
}

/** What somebody may do with keys, as far as one service does it in their name. */
export interface KeyAccess {
  readonly actions: readonly string[];
  readonly keys: readonly string[];
  /** Such as `dynamodb.us-east-1.amazonaws.com`, the value of `kms:ViaService`. */
  readonly via: string;
}

/**
 * What each call asks of the key behind its resource. DynamoDB has the table's key decrypted in the caller's name,
 * whether it reads, writes, or reads the stream, which is encrypted as its table is. S3 needs a new data key for what is
 * written; Lambda needs it to keep batches that it gives up, and an upload in parts is decrypted as well. What describes
 * or lists asks for no key.
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

/** What whoever may do this needs of keys besides; nothing where nothing is encrypted with keys of one's own. */
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

/** A key is in the region of what it encrypts. */
function viaService(action: string, keyArn: string): string {
  return `${action.split(':')[0]}.${keyArn.split(':')[3]}.amazonaws.com`;
}

/** Keys of which the same is asked through the same service stand together: a policy may not be long. */
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

/** What of an environment is encrypted with keys of one's own. @param arns what each key of the settings encrypts */
export function encryptedBy(kmsKeys: EnvironmentSettings['kmsKeys'], arns: Named): Encrypted[] {
  return Object.entries(arns).flatMap(([name, all]) => {
    const keyArn = kmsKeys[name as keyof Named];
    return keyArn === undefined ? [] : all.map((arn) => ({ arn, keyArn }));
  });
}
