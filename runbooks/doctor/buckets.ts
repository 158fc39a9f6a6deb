import type { LifecycleRule } from '@aws-sdk/client-s3';
import { countOf } from '../../shared/text/number-text.ts';
import type { Asked, BucketName } from './asked.ts';
import { type Check, check, type Judgement } from './check.ts';
import { judgeKey } from './keys.ts';
import { insteadOf, type Reading } from './reading.ts';

const BUCKETS = ['input', 'manifest', 'output', 'quarantine'] as const satisfies readonly BucketName[];

/** Each of the pipeline's buckets: whether it is there, how it is encrypted, and when its objects expire. */
export const BUCKET_CHECKS: readonly Check[] = BUCKETS.flatMap((bucket) => [
  presence(bucket),
  // Outputs are listed and never read, which needs no key.
  ...(bucket === 'output' ? [] : [encryption(bucket)]),
  ...(expiries(bucket) ? [lifecycle(bucket)] : []),
]);

/** What a look at a bucket showed. */
export type BucketState = 'there' | 'missing' | 'in another region';

function presence(bucket: BucketName): Check {
  return check<BucketState>({
    name: `${bucket} bucket`,
    permission: 's3:ListBucket',
    async read(reading, { buckets, local }) {
      const Bucket = buckets[bucket];
      const { HeadBucketCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3');
      const { s3 } = reading.deps.storage;
      // A bucket of the same name may be somebody else's.
      const owner = local ? {} : { ExpectedBucketOwner: (await reading.identity()).account };
      try {
        await s3.send(new HeadBucketCommand({ Bucket, ...owner }));
        await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1, ...owner }));
        return 'there';
      } catch (error) {
        const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
        if (status === 301) return 'in another region';
        return insteadOf(error, /^(NotFound|NoSuchBucket)$/, 'missing' as const);
      }
    },
    judge: (state, asked) => judgePresence(bucket, state, asked),
  });
}

export function judgePresence(bucket: BucketName, state: BucketState, asked: Asked): Judgement {
  const { settings, buckets, file, region, local, aws } = asked;
  const name = buckets[bucket];
  if (state === 'there') return { level: 'ok', found: `${name}, readable` };
  // An environment with a table of its own may have no pipeline yet.
  const level = settings.trackingTable.kind === 'new' && !local ? 'warning' : 'problem';
  const found = state === 'missing' ? `there is no bucket ${name}` : `${name} is not in ${region}`;
  if (local) return { level, found, remedy: { say: 'Start the local system.', run: asked.start } };
  const say = `Set buckets.${bucket} in ${file} to the pipeline's own bucket, which sweeps and audits read. Existing buckets:`;
  return { level, found, remedy: { say, run: aws('s3api', 'list-buckets', '--query', 'Buckets[].Name') } };
}

function encryption(bucket: Exclude<BucketName, 'output'>): Check {
  return check({
    name: `${bucket} encryption`,
    place: 'aws',
    permission: 's3:GetEncryptionConfiguration',
    read: (reading, { buckets }) => ofBucket(readKey(reading, buckets[bucket])),
    judge: (facts, asked) => (facts ? judgeKey({ ...facts, setting: bucket }, asked) : noBucket(asked)),
  });
}

async function readKey({ deps }: Reading, Bucket: string): Promise<{ readonly key: string | undefined }> {
  const { GetBucketEncryptionCommand } = await import('@aws-sdk/client-s3');
  const { ServerSideEncryptionConfiguration: { Rules = [] } = {} } = await deps.storage.s3
    .send(new GetBucketEncryptionCommand({ Bucket }))
    .catch((error: unknown) =>
      insteadOf(error, /^ServerSideEncryptionConfigurationNotFoundError$/, {
        ServerSideEncryptionConfiguration: undefined,
      }),
    );
  return { key: Rules[0]?.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID };
}

function lifecycle(bucket: BucketName): Check {
  return check({
    name: `${bucket} lifecycle`,
    place: 'aws',
    permission: 's3:GetLifecycleConfiguration',
    read: (reading, { buckets }) => ofBucket(readRules(reading, buckets[bucket])),
    judge: (rules, asked) => (rules ? judgeLifecycle(bucket, rules, asked) : noBucket(asked)),
  });
}

async function readRules({ deps }: Reading, Bucket: string): Promise<LifecycleRule[]> {
  const { GetBucketLifecycleConfigurationCommand } = await import('@aws-sdk/client-s3');
  const { Rules = [] } = await deps.storage.s3
    .send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    .catch((error: unknown) => insteadOf(error, /^NoSuchLifecycleConfiguration$/, { Rules: [] }));
  return Rules;
}

/** @returns undefined when there is no such bucket, which the check of the bucket itself reports */
function ofBucket<T>(read: Promise<T>): Promise<T | undefined> {
  return read.catch((error: unknown) => insteadOf(error, /^NoSuchBucket$/, undefined));
}

function noBucket({ settings, local }: Asked): Judgement {
  const expected = settings.trackingTable.kind === 'new' && !local;
  return { level: expected ? 'later' : 'unknown', found: 'there is no such bucket' };
}

/** When objects under a prefix expire, according to the settings. */
interface Expiry {
  /** Below `pipeline`. */
  readonly setting: string;
  readonly prefix: string;
  /** Null: never. */
  readonly days: number | null;
}

/** Verdicts depend on them: what has expired is not looked for. */
function expiries(bucket: BucketName): ((profile: Asked['settings']['profile']) => Expiry[]) | undefined {
  const expiry = (setting: string, prefix: string, days: number | null) => ({ setting, prefix, days });
  if (bucket === 'input')
    return ({ input }) => [expiry('input.expire_days', input.prefix, input.expire_days)];
  if (bucket === 'manifest')
    return ({ manifests, job_reports: reports }) => [
      expiry('manifests.expire_days', manifests.prefix, manifests.expire_days),
      expiry('job_reports.expire_days', reports.prefix, reports.expire_days),
    ];
  if (bucket === 'output') return undefined;
  // The key of a copy is the prefix and its object's key.
  return ({ quarantine, input }) => [
    expiry('quarantine.expire_days', quarantine.prefix + input.prefix, quarantine.expire_days),
  ];
}

export function judgeLifecycle(
  bucket: BucketName,
  rules: readonly LifecycleRule[],
  { settings, file }: Asked,
): Judgement {
  const wanted = expiries(bucket)?.(settings.profile) ?? [];
  const wrong = wanted.filter(({ prefix, days }) => daysOf(rules, prefix) !== days);
  if (wrong.length === 0) {
    const texts = wanted.map(({ prefix, days }) => `${prefix}: ${daysText(days)}`);
    return { level: 'ok', found: texts.join('; ') };
  }
  const texts = wrong.map(
    ({ prefix, days }) => `${prefix}: ${daysText(daysOf(rules, prefix))}, in the settings: ${daysText(days)}`,
  );
  const corrections = wrong.map(({ setting, prefix }) => `pipeline.${setting} to ${daysOf(rules, prefix)}`);
  const say = `Verdicts depend on it: set ${corrections.join(' and ')} in ${file}, and deploy.`;
  return { level: 'warning', found: texts.join('; '), remedy: { say } };
}

function daysText(days: number | null): string {
  return days === null ? 'never expires' : `expires after ${countOf(days, 'day')}`;
}

/** After how many days everything under a prefix expires; a rule on tags or sizes does not cover everything. */
function daysOf(rules: readonly LifecycleRule[], prefix: string): number | null {
  const days = rules.flatMap(({ Status, Expiration, Filter, Prefix }) => {
    const { Tag, ObjectSizeGreaterThan, ObjectSizeLessThan, And } = Filter ?? {};
    const selective = Tag ?? ObjectSizeGreaterThan ?? ObjectSizeLessThan ?? And?.Tags?.[0];
    const start = Filter?.Prefix ?? And?.Prefix ?? Prefix ?? '';
    const holds = Status === 'Enabled' && selective === undefined && prefix.startsWith(start);
    return holds && Expiration?.Days !== undefined ? [Expiration.Days] : [];
  });
  return days.length === 0 ? null : Math.min(...days);
}
