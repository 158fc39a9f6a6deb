import type { Deps } from '../aws/deps.ts';
import { explainRows, hasRows, isCertainlyLost, type RowsSay } from '../data-proof/explain-rows.ts';
import { SLACK_MILLIS } from '../data-proof/judge-rows.ts';
import {
  type DateFindings,
  type FileProof,
  readDateFindings,
  readFileProof,
} from '../data-proof/kept-proof.ts';
import { isBelievable } from '../data-proof/totals.ts';
import { cached } from '../flow/cache.ts';
import { creationTime, newestTime, valueIn } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { keyOf, type RecordKey, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { commandText, fileArgs } from '../text/shell-text.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

/** What the rows of the output proved, from the stored last verification of each date. It reads no output. */
export interface ProvedRows {
  /** Undefined when that says nothing about the record as it is now. */
  of(record: TrackingRecord): Promise<RowsSay | undefined>;
  /** The files of a date that were completed without any row. */
  lostOf(date: string): Promise<readonly RecordKey[]>;
}

const MOST_FINDINGS = 100_000;

// For a single file, reading the findings of its whole date is not worth it.
const FEW_FILES = 20;

/** Two reads for each of the first files of a date; for more, two for the date. */
export function createProvedRows({ projection, now }: Pick<Deps, 'projection' | 'now'>): ProvedRows {
  const findingsOf = cached((date) => readDateFindings(projection, date), {
    most: MOST_FINDINGS,
    weightOf: ({ findings }) => 1 + findings.size,
  });
  const asked = new Map<string, number>();
  return {
    async of(record) {
      const count = (asked.get(record.date_prefix) ?? 0) + 1;
      asked.set(record.date_prefix, count);
      const kept =
        count > FEW_FILES
          ? fileProofIn(await findingsOf(record.date_prefix), record)
          : await readFileProof(projection, record);
      return explainRows(kept, record, now) ?? undefined;
    },
    async lostOf(date) {
      const { proof, findings } = await findingsOf(date);
      if (!proof || !isBelievable(proof)) return [];
      return [...findings.values()].filter(({ type }) => type === 'lost').map(keyOf);
    },
  };
}

function fileProofIn({ proof, findings }: DateFindings, { file_key }: TrackingRecord): FileProof | undefined {
  return proof && { proof, finding: findings.get(file_key) };
}

/** The finding on a file, after what its rows prove. Pure. */
export function findingByRows(finding: Finding, facts: Facts, now: number): Finding {
  const { record, rows } = facts;
  if (parseStatus(record.status).status === 'completed') {
    // The known cause says more than that the rows are missing.
    if (isCertainlyLost(rows)) return typeof finding === 'object' ? finding : NO_ROWS;
    return areRowsThere(facts, now) ? undefined : finding;
  }
  if (typeof finding !== 'object' || !areRowsThere(facts, now)) return finding;
  return finding.cause === 'updater_missed' ? finding : { kind: finding.kind, cause: 'rows_in_output' };
}

const NO_ROWS = { kind: 'missing_outputs', cause: 'no_rows' } as const;

/**
 * Whether rows of a file, from its newest upload, are in the output, as far as that can be known: rows do not say which
 * upload they came from. While the input exists, its time shows whether it was uploaded again; once it is gone, a file
 * that was reset may have been reset for that reason.
 */
export function areRowsThere({ record, rows, input }: Facts, now: number): boolean {
  if (!rows || !hasRows(rows)) return false;
  const created = Date.parse(creationTime(valueIn(record), now) ?? '');
  if (input?.found === 'yes') return input.modified <= created + SLACK_MILLIS;
  return input?.found === 'no' && !(Number(record.reset_count ?? 0) > 0);
}

/** Whether there are as many rows of a file as its input has lines. For most files lines are not counted. */
export function areAllRowsThere({ rows }: Facts): boolean {
  const finding = rows?.finding;
  return finding?.lines != null && finding.rows === finding.lines;
}

/** What to do if rows are there but it is unknown whether all are: a part of a sentence. */
export function countLinesText({ date_prefix, file_key }: TrackingRecord): string {
  const command = commandText('verify-data', fileArgs(date_prefix, file_key));
  return `whether all of its rows are there is unknown: \`${command}\` counts its lines`;
}

/** Whether the output was read after the job of a claimed file had ended, and has no row of the file. */
export function isProvedMissing({ rows, manifest, report }: Facts, now: number): boolean {
  if (rows?.is !== 'nothing' || !rows.is_certain) return false;
  const reported = report?.found === 'yes' ? (report.report.endedAt ?? 0) : 0;
  const followed = manifest?.record;
  const isDone = followed && parseStatus(followed.status).status === 'completed';
  const ended = isDone ? newestTime(followed, now) : reported;
  return ended > 0 && ended < Date.parse(rows.until);
}
