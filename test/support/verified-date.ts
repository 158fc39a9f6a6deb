import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import type { DataFinding } from '../../shared/data-proof/data-finding.ts';
import { NO_TOTALS } from '../../shared/data-proof/totals.ts';
import { type DateVerification, verifyStart, verifyStep } from '../../shared/data-proof/verify-date.ts';
import { eventSpelling } from '../../shared/pipeline/names.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import { AUDITED_DATE, timesAround } from './audited-date.ts';
import { fieldFiles } from './field-files.ts';
import { type LocalAws, localAws } from './local-aws.ts';
import { outputFolder } from './output-folder.ts';
import { parquetFile, type Rows } from './parquet-files.ts';
import { FIELD_PROFILE } from './profile.ts';

/** A date whose output a test writes, job by job. */
export async function verifiedDate(given?: LocalAws, date = AUDITED_DATE) {
  const aws = given ?? (await localAws());
  const times = timesAround();
  const files = fieldFiles(aws, date, Date.parse(times.LONG_BEFORE));
  const folder = outputFolder(aws, `merged-parquet-${date}/`);
  const folderOfInputs = `pipeline/input/${date}/`;
  /** The version under which the lines of a completed file are kept. */
  const idOf = (name: string) => `${name} ${Date.parse(times.AFTER)}`;
  const uri = (name: string) => `s3://${aws.buckets.input}/${folderOfInputs}${name}`;
  return {
    aws,
    files,
    folder,
    uri,
    idOf,
    now: times.now,
    /** Everything in the projection table. */
    async projected() {
      const { Items = [] } = await aws.documents.send(new ScanCommand({ TableName: aws.projectionTable }));
      return Items;
    },
    /** Puts an input with a number of lines. */
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
    /** Puts the output of one job; names are spelled as in manifests. @returns the name of the object */
    async job(parts: readonly (readonly [name: string, rows: number])[], write: string = randomUUID()) {
      const rows: Rows[] = parts.map(([name, count]) => [
        name.startsWith('s3') ? name : uri(eventSpelling(name)),
        count,
      ]);
      const name = `part-00000-${write}-c000.snappy.parquet`;
      await folder.put(name, parquetFile(rows));
      return name;
    },
    /** Runs all steps, with cursors as they are stored in tokens. */
    async verify({ lines = [], ...settings }: Partial<DateVerification> & { lines?: Lines } = {}) {
      const docs = dynamoDbDocuments(aws.dynamoDb);
      const given: DateVerification = {
        tracking: trackingTable(docs, aws.trackingTable, FIELD_PROFILE),
        projection: { docs, name: aws.projectionTable },
        storage: { s3: aws.s3, buckets: aws.buckets },
        profile: FIELD_PROFILE,
        now: times.now,
        random: () => 0.5,
        date,
        graceMillis: 900_000,
        lineShare: 0,
        meter: { requests: 0, bytes: 0 },
        kept: { known: () => undefined, lines: new Map(lines.map(([name, count]) => [idOf(name), count])) },
        ...settings,
      };
      const findings: DataFinding[] = [];
      let state = verifyStart();
      for (let isLast = false; !isLast; ) {
        const step = await verifyStep(given, state);
        findings.push(...step.findings);
        isLast = step.isLast;
        state = { ...step.state, compare: JSON.parse(JSON.stringify(step.state.compare)) };
      }
      const said = findings.map(({ type, file_key }) => `${type} ${file_key}`).sort();
      const totals = state.compare?.totals ?? NO_TOTALS;
      return { given, findings, said, totals, state, rows: state.rows };
    },
  };
}

type Lines = readonly (readonly [file_key: string, lines: number])[];
