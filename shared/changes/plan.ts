import { createHash } from 'node:crypto';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import type { Table } from '../aws/deps.ts';
import { isAllowedTransition } from '../pipeline/lifecycle.ts';
import { recordKind } from '../pipeline/record.ts';
import { parseStatus, SETTABLE_STATUS } from '../pipeline/status.ts';
import { isoTime } from '../text/time.ts';
import { additionalFields } from './additional-fields.ts';

/** The form of plans that this version writes and reads. */
export const PLAN_VERSION = 2;

/** The table that a plan is for; the ARN, where known, tells tables of one name apart. */
export interface PlanTarget {
  readonly table: string;
  readonly table_arn?: string | undefined;
}

/** What a plan says about itself. */
export const planHeader = z.strictObject({
  format: z.literal('state-manager-plan'),
  version: z.literal(PLAN_VERSION),
  created_at: z.iso.datetime(),
  table: z.string().min(1),
  table_arn: z.string().min(1).optional(),
  /** The operation or runbook that chose the files. */
  origin: z.string().min(1).max(100),
});
export type PlanHeader = z.output<typeof planHeader>;

/** One guarded write of a plan. Times and statuses are as the table stores them. */
export const planEntry = z
  .strictObject({
    date_prefix: z.string().min(1).max(1024),
    file_key: z.string().min(1).max(1024),
    /** What the record must still be. */
    expected: z.strictObject({
      /** Null where it has no such text. */
      status: z.string().nullable(),
      /** Its version: each attribute with its type, long ones as a digest. */
      attributes: z.record(z.string(), z.string()),
    }),
    /** Without shard suffix: the record keeps its own. */
    new_status: z.string().regex(SETTABLE_STATUS, 'must be a status without shard suffix'),
    additional_fields: additionalFields.optional(),
    /** Set when the transition is not an allowed one and the operator gave force. */
    forced: z.literal(true).optional(),
    /** Set when the output has no row of a completed file, which can therefore be reset without force. */
    proved_lost: z.literal(true).optional(),
    /** Why the file was chosen. */
    why: z.string().min(1).max(500),
  })
  .superRefine((entry, check) => {
    const problem = entryProblem(entry);
    if (problem) check.addIssue({ code: 'custom', message: problem });
  });
export type PlanEntry = z.output<typeof planEntry>;

/** What will be written, file by file; making a plan writes nothing. */
export interface Plan {
  readonly header: PlanHeader;
  /** How many entries there are. */
  readonly files: number;
  /** How many of them needed force. */
  readonly forced: number;
  /** The digest of all entries: an interrupted change is only resumed with the plan it began with. */
  readonly digest: string;
  /**
   * From the first to the last, as often as asked.
   *
   * @param from how many of the first ones to leave out
   */
  entries(from?: number): Iterable<PlanEntry> | AsyncIterable<PlanEntry>;
}

/**
 * The beginning of a plan.
 *
 * @param now milliseconds since the epoch
 */
export function newPlanHeader(target: PlanTarget, origin: string, now: number): PlanHeader {
  const { table, table_arn } = target;
  return {
    format: 'state-manager-plan',
    version: PLAN_VERSION,
    created_at: isoTime(now),
    table,
    ...(table_arn && { table_arn }),
    origin,
  };
}

/** A plan of entries that are at hand; a plan of many is better saved and read back. */
export function makePlan(header: PlanHeader, entries: readonly PlanEntry[]): Plan {
  const digest = entries.reduce((hash, entry) => hash.update(entryLine(entry)), createHash('sha256'));
  return {
    header,
    files: entries.length,
    forced: entries.filter(({ forced }) => forced).length,
    digest: digest.digest('hex'),
    entries: (from = 0) => entries.slice(from),
  };
}

/** An entry as a line of a saved plan; the digest is made of these. */
export function entryLine(entry: PlanEntry): string {
  return `${JSON.stringify(entry)}\n`;
}

/** The digest of a plan that is made part by part, without any entry. */
export const NO_ENTRIES = createHash('sha256').digest('hex');

/** The digest with one more entry: it can be continued from any entry. */
export function nextDigest(digest: string, entry: PlanEntry): string {
  return createHash('sha256').update(digest).update(entryLine(entry)).digest('hex');
}

function entryProblem(entry: {
  date_prefix: string;
  file_key: string;
  expected: { status: string | null };
  new_status: string;
  additional_fields?: object | undefined;
  forced?: true | undefined;
  proved_lost?: true | undefined;
}): string | undefined {
  const from = parseStatus(entry.expected.status).status;
  if (recordKind(entry) !== 'file') return 'it is a meta record, not a file';
  const isAllowed =
    isAllowedTransition(from, entry.new_status) || (entry.proved_lost && entry.new_status === 'pending');
  if (!entry.forced && !isAllowed) {
    return `"${from}" to "${entry.new_status}" is not an allowed transition, and the line is not marked as forced`;
  }
  const changesFields = Object.keys(entry.additional_fields ?? {}).length > 0;
  if (from === entry.new_status && !changesFields) return `it changes nothing: the file is already "${from}"`;
  return undefined;
}

/** The table that plans are made for, with its ARN: another account may have a table of the same name. */
export async function readPlanTarget({ docs, name }: Table): Promise<PlanTarget> {
  const { Table } = await docs.send(new DescribeTableCommand({ TableName: name }));
  return { table: name, table_arn: Table?.TableArn };
}
