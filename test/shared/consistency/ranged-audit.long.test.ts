/** @module-tag long */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { beforeAll, expect, test } from 'vitest';
import {
  AUDIT_START,
  type AuditCursor,
  auditPage,
  type DateAudit,
} from '../../../shared/consistency/date-audit.ts';
import type { ConsistencyIssue } from '../../../shared/consistency/issue-types.ts';
import { keyFinder, splitKeys } from '../../../shared/consistency/key-ranges.ts';
import { auditRanges } from '../../../shared/consistency/ranged-audit.ts';
import { driftConfirmer } from '../../../shared/consistency/resolve-drift.ts';
import { pages } from '../../../shared/flow/pages.ts';
import { trackingTable } from '../../../shared/pipeline/tracking-table.ts';
import { headOfRecord } from '../../../shared/projection/head.ts';
import { headItem } from '../../../shared/projection/items.ts';
import { isoTime } from '../../../shared/text/time.ts';
import { type LocalAws, localAws } from '../../support/local-aws.ts';
import { FIELD_PROFILE } from '../../support/profile.ts';

const FILES = 4_000;
const RANGES = 64;
const DATE = '2026-11-23';
const begun = Date.now();
const now = begun + 3_600_000;
const nameOf = (i: number) => `${DATE}-test${String(i).padStart(6, '0')}.ndjson`;

let aws: LocalAws;
beforeAll(async () => {
  aws = await localAws();
  await putObjects();
  await putItems();
}, 600_000);

// At every thousand, and around it: where ranges of numbered names begin and end.
const lacksRecord = (i: number) => i % 1_000 === 0;
const lacksObject = (i: number) => i % 1_000 === 999;
const lacksHead = (i: number) => i % 1_000 === 1;

async function putObjects(): Promise<void> {
  const { s3, buckets } = aws;
  await pMap(
    Array.from({ length: FILES }, (_, i) => i).filter((i) => !lacksObject(i)),
    (i) =>
      s3.send(
        new PutObjectCommand({
          Bucket: buckets.input,
          Key: `pipeline/input/${DATE}/${nameOf(i)}`,
          Body: '{}',
        }),
      ),
    { concurrency: 32 },
  );
}

async function putItems(): Promise<void> {
  const records = Array.from({ length: FILES }, (_, i) => i).filter((i) => !lacksRecord(i));
  const recordOf = (i: number) => ({
    date_prefix: DATE,
    file_key: nameOf(i),
    status: 'pending#1',
    created_at: isoTime(begun),
    file_path: `s3://${aws.buckets.input}/pipeline/input/${DATE}/${nameOf(i)}`,
  });
  const heads = records.filter((i) => !lacksHead(i)).flatMap((i) => headOfRecord(recordOf(i), now) ?? []);
  await putAll(aws.trackingTable, records.map(recordOf));
  await putAll(
    aws.projectionTable,
    heads.map((head) => ({ ...headItem(head) })),
  );
}

async function putAll(table: string, items: readonly Record<string, unknown>[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / 25) }, (_, i) =>
    items.slice(i * 25, i * 25 + 25),
  );
  await pMap(
    batches,
    (batch) =>
      aws.documents.send(
        new BatchWriteCommand({
          RequestItems: { [table]: batch.map((Item) => ({ PutRequest: { Item } })) },
        }),
      ),
    { concurrency: 8 },
  );
}

function dateAudit(): DateAudit {
  const tracking = trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE);
  const projection = { docs: aws.documents, name: aws.projectionTable };
  return {
    ...{ tracking, projection, now, date: DATE, graceMillis: 900_000 },
    pageSize: { keys: 5_000, waiting: 2_000 },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    resolveDrift: driftConfirmer({ tracking, projection }, () => Promise.resolve()),
  };
}

const inShort = (issues: readonly ConsistencyIssue[]) =>
  issues.map(({ type, file_key }) => `${type} ${file_key}`).sort();

async function collect(found: AsyncIterable<Awaited<ReturnType<typeof auditPage>>>) {
  const issues: ConsistencyIssue[] = [];
  const drifted: string[] = [];
  let totals = AUDIT_START.totals;
  for await (const page of found) {
    issues.push(...page.issues);
    drifted.push(...page.drifted.map(({ file_key }) => file_key));
    totals = page.totals;
  }
  return { issues: inShort(issues), drifted: drifted.sort(), totals };
}

test('a large date that is compared in parallel ranges gives the same answer as in a single run', async () => {
  const audit = dateAudit();
  const ranges = await splitKeys(keyFinder(audit, DATE), RANGES);
  expect(ranges.length).toBeGreaterThanOrEqual(RANGES / 2);
  const ranged = await collect(auditRanges(audit, ranges, 8));
  const whole = await collect(pages((cursor: AuditCursor = AUDIT_START) => auditPage(audit, cursor)));
  expect(ranged).toEqual(whole);
  expect(ranged.issues).toHaveLength((2 * FILES) / 1_000);
  expect(ranged.drifted).toHaveLength(FILES / 1_000);
}, 600_000);
