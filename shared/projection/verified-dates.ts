import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Table } from '../aws/deps.ts';

/**
 * How far the completed files of one date are verified. A date whose counters are still as they were then has
 * no completed file that was not looked at, so it is passed over for the price of reading its counters: no
 * file needs a mark of its own.
 */
export interface VerifiedDate {
  readonly date: string;
  /** Of the date's counters when the files were listed; undefined while some are too young to tell. */
  readonly fingerprint?: string | undefined;
  /** Files completed before this time, milliseconds since the epoch, were looked at. */
  readonly until: number;
  /** Something was found that is not remembered, or could not be looked at: then all files of the date are looked at again. */
  readonly open: number;
  /** How often the date has been checked. */
  readonly checks?: number;
  /** How many files are remembered to be lost: they are told again, and the others not looked at. */
  readonly lost?: number;
  /** How many files were converted, and of how many the evidence has expired. */
  readonly converted?: number;
  readonly unverifiable?: number;
  /** Set when so many files have no output where there are so many objects that the output must be elsewhere. */
  readonly elsewhere?: { readonly files: number; readonly objects: number };
  /** How often a file of the date had been completed when all were looked at; undefined while it was not at rest. */
  readonly arrived?: number | undefined;
  /** Since when a large date has files that were not looked at, milliseconds since the epoch. */
  readonly waiting?: number | undefined;
}

const KEPT_SECONDS = 180 * 86_400;

export async function readVerifiedDate(table: Table, date: string): Promise<VerifiedDate | undefined> {
  const { Item } = await table.docs.send(new GetCommand({ TableName: table.name, Key: keyOf(date) }));
  return Item && ({ date, ...Item } as VerifiedDate);
}

/** @param now milliseconds since the epoch; a date that nothing happens to for half a year is forgotten */
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
