import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import { dynamoDbDocuments } from '../../shared/aws/clients.ts';
import { isoTime } from '../../shared/text/time.ts';
import { type BenchDatabase, PROJECTION_TABLE, TRACKING_TABLE } from './bench-system.ts';
import { chunks } from './numbers.ts';
import { benchOf, sweepAsRun } from './sweeps.ts';

const DATE = '2026-11-23';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// Only a few files are late, on a date of their own.
const LATE_FILES = 10;
const LATE_DATE = '2026-11-20';

/** The read units of the sweeps of one day, while the same files are in flight. */
export interface InFlightSweeps {
  readonly files: number;
  /** The first sweep of the day, which reads everything, as formerly all of them did. */
  readonly first: number;
  /** Each of the others. */
  readonly other: number;
  /** How many records each of the others checked. */
  readonly checked: number;
}

/** Sweeps twice while files with records of a kilobyte wait for their builder, all but ten of them young. */
export async function measureInFlight(database: BenchDatabase, files: number): Promise<InFlightSweeps> {
  const bench = benchOf(database);
  const now = Date.parse(`${DATE}T12:00:00Z`);
  await upload(database, DATE, files, now - 30 * MINUTE);
  await upload(database, LATE_DATE, LATE_FILES, now - 72 * HOUR);
  await count(database, files, now);
  await sweepAsRun(bench, now);
  const first = bench.readUnits();
  const checked = await sweepAsRun(bench, now + MINUTE);
  return { files, first, other: bench.readUnits() - first, checked };
}

async function upload(
  { dynamoDb }: BenchDatabase,
  date_prefix: string,
  files: number,
  at: number,
): Promise<void> {
  const names = Array.from({ length: files }, (_, i) => i);
  const recordOf = (i: number) => ({
    ...{ date_prefix, file_key: `waiting-${i}.ndjson`, status: `pending#${i % 10}` },
    ...{ created_at: isoTime(at), file_path: `s3://input/${date_prefix}/waiting-${i}.ndjson` },
    // As large as records are in the field.
    padding: 'x'.repeat(800),
  });
  await put(dynamoDb, TRACKING_TABLE, names.map(recordOf));
}

/** Writes the counters as the consumer would have. */
async function count({ dynamoDb }: BenchDatabase, files: number, now: number): Promise<void> {
  const young = ageOf(now - 30 * MINUTE, files);
  const late = ageOf(now - 72 * HOUR, LATE_FILES);
  const file_pending = files + LATE_FILES;
  await put(dynamoDb, PROJECTION_TABLE, [
    { pk: 'STATS#ALL', sk: '0', file_pending, as_of: now, applied_at: now },
    ...[young, late].map((age) => ({ pk: 'STATS#ALL', ...age })),
    { pk: `STATS#${DATE}`, ...young },
    { pk: `STATS#${LATE_DATE}`, ...late },
    ...[DATE, LATE_DATE].map((sk) => ({ pk: 'DATES', sk })),
  ]);
}

function ageOf(at: number, files: number) {
  const [day, hour] = isoTime(at).slice(0, 13).split('T');
  return { sk: `age#${day}#0`, [`p${hour}`]: files };
}

async function put(
  client: BenchDatabase['dynamoDb'],
  table: string,
  items: readonly Record<string, unknown>[],
): Promise<void> {
  const docs = dynamoDbDocuments(client);
  await pMap(
    chunks(items, 25),
    (part) => {
      const puts = part.map((Item) => ({ PutRequest: { Item } }));
      return docs.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
    },
    { concurrency: 8 },
  );
}
