import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import type { DataFinding } from '../../shared/data-proof/data-finding.ts';
import type { VerifyTotals } from '../../shared/data-proof/totals.ts';
import { readDateRows } from '../../shared/data-proof/verify-date.ts';
import type { Verification } from '../../shared/data-proof/verify-file.ts';
import { VERIFY_START, type VerifyCursor, verifyPage } from '../../shared/data-proof/verify-page.ts';
import { eventSpelling } from '../../shared/pipeline/names.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { AUDITED_DATE, timesAround } from './audited-date.ts';
import { fieldFiles } from './field-files.ts';
import { type LocalAws, localAws } from './local-aws.ts';
import { outputFolder } from './output-folder.ts';
import { parquetFile, type Rows } from './parquet-files.ts';
import { FIELD_PROFILE } from './profile.ts';

/** A date whose output is written by hand, job by job. */
export async function verifiedDate(given?: LocalAws) {
  const aws = given ?? (await localAws());
  const times = timesAround();
  const files = fieldFiles(aws, AUDITED_DATE, Date.parse(times.LONG_BEFORE));
  const folder = outputFolder(aws, `merged-parquet-${AUDITED_DATE}/`);
  const folderOfInputs = `pipeline/input/${AUDITED_DATE}/`;
  const uri = (name: string) => `s3://${aws.buckets.input}/${folderOfInputs}${name}`;
  return {
    aws,
    files,
    folder,
    uri,
    now: times.now,
    /** An input of so many lines. */
    input: (name: string, lines: number | string) =>
      aws.s3.send(
        new PutObjectCommand({
          Bucket: aws.buckets.input,
          Key: folderOfInputs + name,
          Body: typeof lines === 'string' ? lines : '{"id":1}\n'.repeat(lines),
        }),
      ),
    completed: (name: string, fields: Record<string, unknown> = {}) =>
      files.record(name, { status: 'completed#3', completed_time: times.AFTER, ...fields }),
    /** What one job writes; names as manifests have them. Answers the name of the object. */
    async job(parts: readonly (readonly [name: string, rows: number])[], write: string = randomUUID()) {
      const rows: Rows[] = parts.map(([name, count]) => [
        name.startsWith('s3') ? name : uri(eventSpelling(name)),
        count,
      ]);
      const name = `part-00000-${write}-c000.snappy.parquet`;
      await folder.put(name, parquetFile(rows));
      return name;
    },
    async verify(settings: Partial<Verification> = {}) {
      const meter = { requests: 0, bytes: 0 };
      const docs = dynamoDbDocuments(aws.dynamoDb);
      const deps = {
        tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
        storage: { s3: aws.s3, buckets: aws.buckets },
        profile: FIELD_PROFILE,
        now: times.now,
        random: () => 0.5,
      };
      const { rows } = await readDateRows(deps, AUDITED_DATE, { meter, known: () => undefined });
      const verification: Verification = {
        ...deps,
        date: AUDITED_DATE,
        rows,
        graceMillis: 900_000,
        meter,
        lineShare: 0,
        knownLines: new Map(),
        ...settings,
      };
      return { ...(await verifyAll(verification)), rows, deps };
    },
  };
}

/** All pages, with cursors as tokens carry them. */
async function verifyAll(verification: Verification) {
  const findings: DataFinding[] = [];
  const counted: { readonly file_key: string; readonly lines: number }[] = [];
  let totals: VerifyTotals = VERIFY_START.totals;
  for (let cursor: VerifyCursor | undefined = VERIFY_START; cursor; ) {
    const page: Awaited<ReturnType<typeof verifyPage>> = await verifyPage(verification, cursor);
    findings.push(...page.findings);
    counted.push(...page.counted);
    totals = page.totals;
    cursor = page.next && JSON.parse(JSON.stringify(page.next));
  }
  return {
    findings,
    totals,
    counted,
    said: findings.map(({ type, file_key }) => `${type} ${file_key}`).sort(),
  };
}
