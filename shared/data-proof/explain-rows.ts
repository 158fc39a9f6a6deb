import { newestTime } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import type { TrackingRecord } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import type { DataFinding } from './data-finding.ts';
import type { FileProof } from './kept-proof.ts';

/** What the rows of the output say of a file, as far as its date was verified and is kept. It is plain JSON. */
export interface RowsSay {
  /** `…Z` */
  readonly verified_at: string;
  readonly finding: DataFinding | null;
  /** A sentence. */
  readonly says: string;
}

/**
 * Says what the last verification of its date proved of a record. Pure.
 *
 * @returns null when it proved nothing: the record was changed since then, or not all of the output could be read
 */
export function explainRows(
  kept: FileProof | undefined,
  record: TrackingRecord,
  now: number,
): RowsSay | null {
  if (!kept || newestTime(record, now) > kept.proof.until) return null;
  const { proof, finding } = kept;
  const verified_at = isoTime(proof.at);
  if (finding) return { verified_at, finding, says: finding.message };
  const isCertain = proof.unread === 0 && proof.files.unknown === 0;
  if (parseStatus(record.status).status !== 'completed' || !isCertain) return null;
  return { verified_at, finding: null, says: 'Its rows are in the output, of one job.' };
}
