import { GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { Table } from '../aws/deps.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { noteLost } from '../projection/noted.ts';
import type { DataFinding } from './data-finding.ts';
import { NO_TOTALS, type VerifyTotals } from './totals.ts';
import type { DateVerification, VerifyState } from './verify-date.ts';

/** What the last whole verification of a date came to. */
export interface DateProof {
  readonly date: string;
  /** When it began, in milliseconds since the epoch: what was completed later is not in it. */
  readonly at: number;
  /** What was changed after this moment was left out as too young. */
  readonly until: number;
  readonly objects: number;
  readonly rows: number;
  /** Objects whose rows cannot be told. */
  readonly unread: number;
  readonly files: VerifyTotals['files'];
  readonly compared: VerifyTotals['compared'];
}

/** What a verification that came to its end is to be remembered by. */
export function proofOf(
  { date, now, graceMillis }: Pick<DateVerification, 'date' | 'now' | 'graceMillis'>,
  { readings, rows, compare }: VerifyState,
): DateProof {
  const { files, compared } = compare?.totals ?? NO_TOTALS;
  const unread = rows?.unread.length ?? 0;
  const counts = { objects: readings.length, rows: rows?.rows ?? 0, unread, files, compared };
  return { date, at: now, until: now - graceMillis, ...counts };
}

/**
 * Keeps what a date came to. Findings have the time of their verification: those of the one before are past from the
 * moment on that the proof is replaced, and expire by themselves. What is newly lost is noted for the outlet before.
 */
export async function keepProof(
  table: Table,
  { date, ...proof }: DateProof,
  findings: readonly DataFinding[],
  expires_at: number,
): Promise<void> {
  await noteNewlyLost(table, date, proof.at, findings);
  const put = (Item: Record<string, unknown>) =>
    table.docs.send(new PutCommand({ TableName: table.name, Item: { ...Item, expires_at } }));
  await pMap(
    findings,
    ({ date_prefix, file_key, ...finding }) =>
      put({ pk: findingsOf(date_prefix), sk: file_key, ...finding, at: proof.at }),
    { concurrency: CONCURRENT_PUTS },
  );
  await put({ pk: PROVED, sk: date, ...proof });
}

async function noteNewlyLost(table: Table, date: string, now: number, findings: readonly DataFinding[]) {
  const lost = findings.filter(({ type }) => type === 'lost').map(({ file_key }) => file_key);
  if (lost.length === 0) return;
  const before = await readFindingTypes(table, date);
  const fresh = lost.filter((file_key) => before.get(file_key) !== 'lost');
  if (fresh.length > 0) await noteLost(table, date, 'rows', fresh, now);
}

async function readProof(table: Table, date: string): Promise<DateProof | undefined> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: { pk: PROVED, sk: date } }),
  );
  return Item && ({ ...Item, date } as unknown as DateProof);
}

/** What the last verification of a date says of one file. */
export interface FileProof {
  readonly proof: DateProof;
  readonly finding: DataFinding | undefined;
}

/** @returns undefined when its date was not verified to its end */
export async function readFileProof(table: Table, key: RecordKey): Promise<FileProof | undefined> {
  const proof = await readProof(table, key.date_prefix);
  if (!proof) return undefined;
  const Key = { pk: findingsOf(key.date_prefix), sk: key.file_key };
  const { Item } = await table.docs.send(new GetCommand({ TableName: table.name, Key }));
  const finding = Item?.at === proof.at ? asFinding(key.date_prefix, Item) : undefined;
  return { proof, finding };
}

/** What the last verification of a date found, by file key. */
export async function readFindingTypes(table: Table, date: string): Promise<ReadonlyMap<string, string>> {
  const types = new Map<string, string>();
  const proof = await readProof(table, date);
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': findingsOf(date) },
  };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    for (const { sk, type, at } of Items) if (at === proof?.at) types.set(String(sk), String(type));
  }
  return types;
}

const CONCURRENT_PUTS = 8;
const PROVED = 'PROVED';

function findingsOf(date: string): string {
  return `DATA#${date}`;
}

function asFinding(date_prefix: string, item: Record<string, unknown>): DataFinding {
  const { pk: _, sk, expires_at: __, at: ___, ...finding } = item;
  return { ...finding, date_prefix, file_key: String(sk) } as unknown as DataFinding;
}
