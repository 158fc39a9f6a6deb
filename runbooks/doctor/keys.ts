import type { Asked } from './asked.ts';
import type { Judgement } from './check.ts';

/** Something that may be encrypted with a customer's own key. */
interface Encrypted {
  /** The key's ARN, its id, or its alias; undefined for a key of AWS that needs no permission. */
  readonly key: string | undefined;
  /** Such as `tracking_table`, below `kms_keys`. */
  readonly setting: keyof Asked['settings']['kmsKeys'];
}

/**
 * Compares a key with the settings, which let the functions use it. An ARN does not show whether the key is AWS's own.
 */
export function judgeKey({ key, setting }: Encrypted, { settings, aws, file }: Asked): Judgement {
  const expected = settings.kmsKeys[setting];
  if (expected === undefined && (key === undefined || key.includes('alias/aws/')))
    return { level: 'ok', found: "encrypted with AWS's own key" };
  if (expected === undefined && key !== undefined)
    return {
      level: 'warning',
      found: `encrypted with ${key}; the functions may use it only if it is AWS's own`,
      remedy: {
        say: `If this prints CUSTOMER, set kms_keys.${setting} in ${file} to the key's ARN.`,
        run: aws('kms', 'describe-key', '--key-id', key, '--query', 'KeyMetadata.[KeyManager,Arn]'),
      },
    };
  if (key !== undefined && expected !== undefined && isSame(key, expected))
    return { level: 'ok', found: 'encrypted with the key in the settings' };
  return {
    level: 'problem',
    found: `encrypted with ${key ?? 'a key of AWS'}, but the settings say ${expected}`,
    remedy: {
      say: key
        ? `Set kms_keys.${setting} in ${file} to the ARN of that key, and deploy.`
        : `Remove kms_keys.${setting} from ${file}, unless older data needs that key.`,
    },
  };
}

/** S3 names a key by its ARN or only by its id. */
function isSame(key: string, arn: string): boolean {
  return key === arn || arn.endsWith(`:key/${key}`);
}
