import { afterAll, expect, test } from 'vitest';
import { environmentSettings } from '../../infra/settings.ts';
import { resourcesOf } from '../support/deployed-templates.ts';
import { type Synthesized, synthesizeQuickly } from '../support/synthesized.ts';
import { deployedText, type TemplateJson } from '../support/template-values.ts';

const KEYS = [
  'tracking_table',
  'projection_table',
  'input',
  'manifest',
  'output',
  'quarantine',
  'dead_letters',
] as const;
const keyArn = (name: string) => `arn:aws:kms:us-east-1:123456789012:key/${name}`;
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MANAGED_CHARACTERS = 6_144;
const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/the-pipelines';

const kmsKeys = Object.fromEntries(KEYS.map((name) => [name, keyArn(name)]));
const prod = environmentSettings('prod', {
  PROD_TRACKING_STREAM_ARN: `${TABLE}/stream/2026-11-23T05:22:46.000`,
});
const made: Synthesized[] = [];

function templateOf(settings: typeof prod): TemplateJson {
  const synthesized = synthesizeQuickly(settings);
  made.push(synthesized);
  const [template] = synthesized.templates;
  if (!template) throw new Error('Nothing was synthesized.');
  return template;
}

afterAll(() => {
  for (const { remove } of made) remove();
});

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: { readonly StringEquals?: Readonly<Record<string, string>> };
}

/** What each role may do with which keys through which service: `kms:Decrypt input s3`. */
function keyGrants(template: TemplateJson): Record<string, string[]> {
  const grants = resourcesOf(template, 'AWS::IAM::Policy').map(([, { PolicyDocument, Roles }]) => {
    const [{ Ref: role = '' } = {}] = Roles as { readonly Ref?: string }[];
    return [role.replace(/Role[0-9A-F]{8}$/, ''), keysIn(PolicyDocument)] as const;
  });
  return Object.fromEntries(grants.filter(([, keys]) => keys.length > 0));
}

function keysIn(document: unknown): string[] {
  const { Statement } = document as { readonly Statement: readonly Statement[] };
  const found = Statement.flatMap(({ Action, Resource, Condition }) => {
    const via = Condition?.StringEquals?.['kms:ViaService'] ?? 'whatever';
    const service = via.replace('.us-east-1.amazonaws.com', '');
    const keys = [Resource].flat().map((key) => `${String(key).split('/')[1]} ${service}`);
    const actions = [Action].flat().filter((action) => action.startsWith('kms:'));
    return actions.flatMap((action) => keys.map((key) => `${action} ${key}`));
  });
  return found.sort();
}

const READS_TABLES = ['kms:Decrypt projection_table dynamodb', 'kms:Decrypt tracking_table dynamodb'];
const READS_BUCKETS = ['input', 'manifest', 'quarantine'].map((name) => `kms:Decrypt ${name} s3`);
const READS_ROWS = 'kms:Decrypt output s3';
const WRITES_LETTERS = ['kms:Decrypt dead_letters s3', 'kms:GenerateDataKey dead_letters s3'];

test('with keys of one’s own, each role may use those of what it reads and writes, and only through its service', () => {
  const expected = {
    StreamConsumer: [...READS_TABLES, ...WRITES_LETTERS],
    Operations: [...READS_TABLES, ...READS_BUCKETS, READS_ROWS],
    OperationsRead: [...READS_TABLES, ...READS_BUCKETS, READS_ROWS],
    DashboardWidget: READS_TABLES,
    StatsPublisher: ['kms:Decrypt projection_table dynamodb'],
    OrphanSweep: [...READS_TABLES, ...READS_BUCKETS],
    ConsistencyAudit: [
      ...READS_TABLES,
      'kms:Decrypt input s3',
      'kms:Decrypt quarantine s3',
      READS_ROWS,
      ...WRITES_LETTERS,
    ],
    ProjectionRebuild: READS_TABLES,
    Watchdog: READS_TABLES,
    Audit: ['kms:Decrypt projection_table dynamodb', ...WRITES_LETTERS],
    Rebuild: WRITES_LETTERS,
    Sweep: WRITES_LETTERS,
  };
  const sorted = Object.entries(expected).map(([role, grants]) => [role, [...grants].sort()]);
  expect(keyGrants(templateOf({ ...prod, kmsKeys }))).toEqual(Object.fromEntries(sorted));
});

test('people may use the keys of what their policies let them read and write, which stay short enough', () => {
  const template = templateOf({ ...prod, kmsKeys });
  const policies = resourcesOf(template, 'AWS::IAM::ManagedPolicy').map(([, { PolicyDocument }]) => {
    expect(deployedText(PolicyDocument, template).length).toBeLessThanOrEqual(MANAGED_CHARACTERS);
    return keysIn(PolicyDocument);
  });
  const reads = [...READS_TABLES, ...READS_BUCKETS, READS_ROWS, 'kms:Decrypt dead_letters s3'].sort();
  const maintains = [...reads, 'kms:GenerateDataKey dead_letters s3'].sort();
  expect(policies).toEqual([reads, reads, reads, maintains]);
});

test('without keys of one’s own nobody may use one', () => {
  expect(JSON.stringify(templateOf(prod))).not.toContain('kms:');
});

test('only the keys that are named are used', () => {
  const { input, ...others } = kmsKeys;
  const grants = Object.values(keyGrants(templateOf({ ...prod, kmsKeys: { ...(input && { input }) } })));
  expect(new Set(grants.flat())).toEqual(new Set(['kms:Decrypt input s3']));
  expect(Object.keys(others)).toHaveLength(KEYS.length - 1);
});

test('one key for all buckets is named once in a statement', () => {
  const one = keyArn('all');
  const buckets = { input: one, manifest: one, quarantine: one };
  const { Operations } = keyGrants(templateOf({ ...prod, kmsKeys: buckets }));
  expect(Operations).toEqual(['kms:Decrypt all s3']);
});

test('the tables and the dead letter bucket that are created are encrypted with their keys', () => {
  const template = templateOf({ ...environmentSettings('dev', {}), region: 'us-east-1', kmsKeys });
  const tables = resourcesOf(template, 'AWS::DynamoDB::GlobalTable').map(
    ([id, { Replicas, SSESpecification }]) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      SSESpecification,
      (Replicas as { readonly SSESpecification?: unknown }[])[0]?.SSESpecification,
    ],
  );
  const kms = { SSEEnabled: true, SSEType: 'KMS' };
  expect(tables).toEqual([
    ['TrackingTable', kms, { KMSMasterKeyId: keyArn('tracking_table') }],
    ['ProjectionTable', kms, { KMSMasterKeyId: keyArn('projection_table') }],
  ]);
  const [[, bucket] = []] = resourcesOf(template, 'AWS::S3::Bucket');
  expect(bucket?.BucketEncryption).toEqual({
    ServerSideEncryptionConfiguration: [
      {
        BucketKeyEnabled: true,
        ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn('dead_letters') },
      },
    ],
  });
});
