import { afterAll, expect, test } from 'vitest';
import { environmentSettings } from '../../infra/settings.ts';
import { resourcesOf } from '../support/deployed-templates.ts';
import { type Synthesized, synthesizeQuickly } from '../support/synthesized.ts';
import type { TemplateJson } from '../support/template-values.ts';

const KEYS = [
  'tracking_table',
  'projection_table',
  'input',
  'manifest',
  'quarantine',
  'dead_letters',
] as const;
const keyArn = (name: string) => `arn:aws:kms:us-east-1:123456789012:key/${name}`;
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
  const grants: Record<string, string[]> = {};
  for (const [, { PolicyDocument, Roles }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    const [{ Ref: role = '' } = {}] = Roles as { readonly Ref?: string }[];
    const { Statement } = PolicyDocument as { readonly Statement: readonly Statement[] };
    const found = Statement.flatMap(({ Action, Resource, Condition }) =>
      [Action].flat().flatMap((action) =>
        action.startsWith('kms:')
          ? [Resource].flat().map((key) => {
              const via = Condition?.StringEquals?.['kms:ViaService'] ?? 'whatever';
              return [action, String(key).split('/')[1], via.replace('.us-east-1.amazonaws.com', '')].join(
                ' ',
              );
            })
          : [],
      ),
    );
    if (found.length > 0) grants[role.replace(/Role[0-9A-F]{8}$/, '')] = found.sort();
  }
  return grants;
}

const READS_TABLES = ['kms:Decrypt projection_table dynamodb', 'kms:Decrypt tracking_table dynamodb'];
const READS_BUCKETS = ['input', 'manifest', 'quarantine'].map((name) => `kms:Decrypt ${name} s3`);
const WRITES_LETTERS = ['kms:Decrypt dead_letters s3', 'kms:GenerateDataKey dead_letters s3'];

test('with keys of one’s own, each role may use those of what it reads and writes, and only through its service', () => {
  const expected = {
    StreamConsumer: [...READS_TABLES, ...WRITES_LETTERS],
    Operations: [...READS_TABLES, ...READS_BUCKETS],
    OperationsRead: [...READS_TABLES, ...READS_BUCKETS],
    DashboardWidget: READS_TABLES,
    StatsPublisher: ['kms:Decrypt projection_table dynamodb'],
    OrphanSweep: [...READS_TABLES, ...READS_BUCKETS],
    ConsistencyAudit: [
      ...READS_TABLES,
      'kms:Decrypt input s3',
      'kms:Decrypt quarantine s3',
      ...WRITES_LETTERS,
    ],
    ProjectionRebuild: READS_TABLES,
    Watchdog: ['kms:Decrypt projection_table dynamodb'],
    Audit: ['kms:Decrypt projection_table dynamodb', ...WRITES_LETTERS],
    Rebuild: WRITES_LETTERS,
  };
  const sorted = Object.entries(expected).map(([role, grants]) => [role, [...grants].sort()]);
  expect(keyGrants(templateOf({ ...prod, kmsKeys }))).toEqual(Object.fromEntries(sorted));
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
