import { createHash } from 'node:crypto';
import { GetCommand, PutCommand, paginateQuery } from '@aws-sdk/lib-dynamodb';
import pMap, { pMapIterable } from 'p-map';
import type { Table } from '../aws/deps.ts';
import type { RecordKey } from '../pipeline/tracking-table.ts';
import { noteLost } from '../reports/noted.ts';
import type { DataFinding } from './data-finding.ts';
import { DATA_FINDINGS } from './judge-rows.ts';
import { NO_TOTALS, toldFindings, type VerifyTotals } from './totals.ts';
import type { DateVerification, VerifyState } from './verify-date.ts';

/** The result of the last whole verification of a date. */
export interface DateProof {
  readonly date: string;
  /** When it began, in milliseconds since the epoch: files completed later are not in it. */
  readonly at: number;
  /** What was changed after this moment was left out as too young. */
  readonly until: number;
  readonly objects: number;
  readonly rows: number;
  /** Objects whose rows are unknown. */
  readonly unread: number;
  readonly files: VerifyTotals['files'];
  readonly compared: VerifyTotals['compared'];
}

/** What is stored of a finished verification. */
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
 * Stores the result of a date. Findings have the time of their verification: those of the previous one no longer count
 * from the moment when the proof is replaced, and expire by themselves. Newly lost files are stored for the outlet
 * first. If so many files are without rows that this is not believed, none of them is stored as lost: that would be an
 * item for each completed file, every night, and the proof itself says it. The result of a verification that began later is
 * not replaced.
 */
export async function keepProof(
  table: Table,
  { date, ...proof }: DateProof,
  findings: readonly DataFinding[],
  expires_at: number,
): Promise<void> {
  const known = await readKnownFindings(table, date);
  if (known.proof && known.proof.at > proof.at) return;
  const told = toldFindings(proof, findings);
  await noteNewlyLost(table, date, proof.at, told, known);
  const put = (Item: Record<string, unknown>) =>
    table.docs.send(new PutCommand({ TableName: table.name, Item: { ...Item, expires_at } }));
  await pMap(
    told,
    (each) => {
      const { date_prefix, file_key, ...finding } = each;
      const key = { pk: findingsOf(date_prefix), sk: findingKey(each) };
      const was = known.types.get(key.sk);
      const named = key.sk !== file_key && { file_key };
      return put({ ...key, ...named, ...finding, at: proof.at, ...(was && { was }) });
    },
    { concurrency: CONCURRENT_PUTS },
  );
  await put({ pk: PROVED, sk: date, ...proof });
}

async function noteNewlyLost(
  table: Table,
  date: string,
  now: number,
  findings: readonly DataFinding[],
  { proof, types }: KnownFindings,
): Promise<void> {
  const lost = findings.filter(({ type }) => type === 'lost');
  const fresh = lost
    .filter((finding) => types.get(findingKey(finding)) !== 'lost')
    .map(({ file_key }) => file_key);
  if (fresh.length === 0) return;
  // A verification that is interrupted here is repeated, possibly at another time, but after the same previous one.
  const occasion = `after ${proof?.at ?? 'none'}`;
  await noteLost(table, { date_prefix: date, by: 'rows', files: fresh, occasion }, now);
}

/**
 * What distinguishes a finding from the others of its date: the file_key of its record; and if there is no record, a hash
 * of where the rows come from. Several objects may have one name, and rows may name a file that is too long for a record.
 */
export function findingKey({
  status,
  file_key,
  objects,
}: Pick<DataFinding, 'status' | 'file_key' | 'objects'>): string {
  if (status !== null) return file_key;
  // No file_key has this sign.
  return `#${createHash('sha256')
    .update(objects[0]?.source ?? file_key)
    .digest('hex')}`;
}

/** The proof of a date, or undefined when it was not verified to its end. */
export async function readProof(table: Table, date: string): Promise<DateProof | undefined> {
  const { Item } = await table.docs.send(
    new GetCommand({ TableName: table.name, Key: { pk: PROVED, sk: date } }),
  );
  return Item && ({ ...Item, date } as unknown as DateProof);
}

/** The proofs of all dates from one on, in their order. */
export async function readProofsSince(table: Table, date: string): Promise<readonly DateProof[]> {
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk AND sk >= :date',
    ExpressionAttributeValues: { ':pk': PROVED, ':date': date },
  };
  const proofs: DateProof[] = [];
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) {
    for (const item of Items) proofs.push({ ...item, date: String(item.sk) } as unknown as DateProof);
  }
  return proofs;
}

/** What the last verification of a date says about one file. */
export interface FileProof {
  readonly proof: DateProof;
  readonly finding: DataFinding | undefined;
}

/** @returns undefined when its date was not verified to its end, or a later verification is just being stored */
export async function readFileProof(table: Table, key: RecordKey): Promise<FileProof | undefined> {
  const proof = await readProof(table, key.date_prefix);
  if (!proof) return undefined;
  if (!hasFindings(proof)) return { proof, finding: undefined };
  const Key = { pk: findingsOf(key.date_prefix), sk: key.file_key };
  const { Item } = await table.docs.send(new GetCommand({ TableName: table.name, Key }));
  if (Item && isOfLater(Item, proof)) return undefined;
  const finding = Item?.at === proof.at ? asFinding(key.date_prefix, Item) : undefined;
  return { proof, finding };
}

/** The result of the last verification of a date, with all findings by `findingKey`, each without its objects. */
export interface DateFindings {
  readonly proof: DateProof | undefined;
  readonly findings: ReadonlyMap<string, DataFinding>;
}

/** While a later verification is being stored, nothing is proved: its findings are replacing the earlier ones. */
export function readDateFindings(table: Table, date: string): Promise<DateFindings> {
  return collectFindings(table, date, () => findingItems(table, date));
}

/** The same, only about these files: one read for each, if anything was found at all. */
export function readFindingsOf(
  table: Table,
  date: string,
  fileKeys: readonly string[],
): Promise<DateFindings> {
  const read = async (sk: string) => {
    const Key = { pk: findingsOf(date), sk };
    return (await table.docs.send(new GetCommand({ TableName: table.name, Key }))).Item;
  };
  return collectFindings(table, date, () => pMapIterable(fileKeys, read, { concurrency: CONCURRENT_READS }));
}

async function collectFindings(
  table: Table,
  date: string,
  items: () => AsyncIterable<Record<string, unknown> | undefined>,
): Promise<DateFindings> {
  const findings = new Map<string, DataFinding>();
  const proof = await readProof(table, date);
  if (!proof || !hasFindings(proof)) return { proof, findings };
  for await (const item of items()) {
    if (item && isOfLater(item, proof)) return { proof: undefined, findings: new Map() };
    if (item?.at === proof.at) findings.set(String(item.sk), { ...asFinding(date, item), objects: [] });
  }
  return { proof, findings };
}

/** What the last whole verification of a date found: its types by `findingKey`. */
export interface KnownFindings {
  readonly proof: DateProof | undefined;
  readonly types: ReadonlyMap<string, DataFinding['type']>;
}

/**
 * Reads it also while a later verification is being stored, or was interrupted at that: each finding says what it has
 * replaced.
 */
export async function readKnownFindings(table: Table, date: string): Promise<KnownFindings> {
  const types = new Map<string, DataFinding['type']>();
  const proof = await readProof(table, date);
  if (!proof || !hasFindings(proof)) return { proof, types };
  for await (const item of findingItems(table, date)) {
    const { type, was } = item as { readonly type: DataFinding['type']; readonly was?: DataFinding['type'] };
    const known = isOfLater(item, proof) ? was : type;
    if (known && Number(item.at) >= proof.at) types.set(String(item.sk), known);
  }
  return { proof, types };
}

async function* findingItems(table: Table, date: string): AsyncGenerator<Record<string, unknown>, void> {
  const query = {
    TableName: table.name,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': findingsOf(date) },
  };
  for await (const { Items = [] } of paginateQuery({ client: table.docs }, query)) yield* Items;
}

function isOfLater({ at }: Record<string, unknown>, proof: DateProof): boolean {
  return Number(at) > proof.at;
}

function hasFindings({ files }: DateProof): boolean {
  return FINDING_KINDS.some((kind) => (files[kind] ?? 0) > 0);
}

const FINDING_KINDS = [...DATA_FINDINGS, 'converted'] as const;

const CONCURRENT_PUTS = 8;
const CONCURRENT_READS = 16;
const PROVED = 'PROVED';

function findingsOf(date: string): string {
  return `DATA#${date}`;
}

function fileOf({ sk, file_key = sk }: Record<string, unknown>): string {
  return String(file_key);
}

function asFinding(date_prefix: string, item: Record<string, unknown>): DataFinding {
  const { pk: _, sk: __, expires_at: ___, at: ____, was: _____, ...finding } = item;
  return { ...finding, date_prefix, file_key: fileOf(item) } as unknown as DataFinding;
}
