import type { Asked } from './asked.ts';
import type { Judgement } from './check.ts';

/** Where something may be encrypted with a key of one's own. */
interface Encrypted {
  /** The key's ARN, its id, or its alias; undefined where AWS has a key that needs no permission. */
  readonly key: string | undefined;
  /** Such as `tracking_table`, below `kms_keys`. */
  readonly setting: keyof Asked['settings']['kmsKeys'];
}

/**
 * Holds a key against the settings, by which the functions are allowed to use it. Whether a key is AWS's own cannot be
 * seen from its ARN.
 */
export function judgeKey({ key, setting }: Encrypted, { settings, aws, file }: Asked): Judgement {
  const expected = settings.kmsKeys[setting];
  if (expected === undefined && (key === undefined || key.includes('alias/aws/')))
    return { level: 'ok', found: 'encrypted with a key of AWS' };
  if (expected === undefined && key !== undefined)
    return {
      level: 'warning',
      found: `encrypted with ${key}; the functions may use it only if it is AWS's own`,
      remedy: {
        say: `If this says CUSTOMER, set kms_keys.${setting} in ${file} to the key's ARN.`,
        run: aws('kms', 'describe-key', '--key-id', key, '--query', 'KeyMetadata.[KeyManager,Arn]'),
      },
    };
  if (key !== undefined && expected !== undefined && isSame(key, expected))
    return { level: 'ok', found: 'encrypted with the key of the settings' };
  return {
    level: 'problem',
    found: `encrypted with ${key ?? 'a key of AWS'}, the settings say ${expected}`,
    remedy: {
      say: key
        ? `Set kms_keys.${setting} in ${file} to the ARN of that key, and deploy.`
        : `Take kms_keys.${setting} out of ${file}, unless older data needs that key.`,
    },
  };
}

/** S3 tells a key by its ARN or by its id alone. */
function isSame(key: string, arn: string): boolean {
  return key === arn || arn.endsWith(`:key/${key}`);
}
