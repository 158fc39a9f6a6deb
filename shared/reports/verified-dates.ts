import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';

/**
 * How far the completed files of one date are verified. If a date's counters are unchanged since then, it has no completed
 * file that was not checked, so it is skipped for the price of reading its counters, and no file needs a mark of its own.
 */
export interface VerifiedDate {
  readonly date: string;
  /** Of the date's counters when the files were listed; undefined while some files are too young to be checked. */
  readonly fingerprint?: string | undefined;
  /** Files completed before this time, milliseconds since the epoch, were checked. */
  readonly until: number;
  /** How many findings are not remembered or could not be checked; if any, all files of the date are checked again. */
  readonly open: number;
  /** How often the date has been checked. */
  readonly checks?: number;
  /** How many files are remembered as lost: they are reported again, and the others are not checked. */
  readonly lost?: number;
  /** How many files were converted, and for how many the evidence has expired. */
  readonly converted?: number;
  readonly unverifiable?: number;
  /** Set if so many files have no output, although there are many objects, that the output must be elsewhere. */
  readonly elsewhere?: { readonly files: number; readonly objects: number };
  /** How often files of the date had been completed when all were checked; undefined while the date was not at rest. */
  readonly arrived?: number | undefined;
  /** Since when a large date has had unchecked files, milliseconds since the epoch. */
  readonly waiting?: number | undefined;
}

const KEPT_SECONDS = 180 * 86_400;

export async function readVerifiedDate(table: Table, date: string): Promise<VerifiedDate | undefined> {
  const { Item } = await table.docs.send(new GetCommand({ TableName: table.name, Key: keyOf(date) }));
  return Item && ({ date, ...Item } as VerifiedDate);
}

/** @param now milliseconds since the epoch; a date without any activity for half a year is deleted */
export async function saveVerifiedDate(
  table: Table,
  { date, ...verified }: VerifiedDate,
  now: number,
): Promise<void> {
  const expires_at = Math.floor(now / 1000) + KEPT_SECONDS;
  await table.docs.send(
    new PutCommand({ TableName: table.name, Item: { ...keyOf(date), ...verified, expires_at } }),
  );
}

function keyOf(date: string) {
  return { pk: 'VERIFIED', sk: date };
}
