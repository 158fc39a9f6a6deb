import type { DataFinding } from '../../shared/data-proof/data-finding.ts';
import type { VerifiedNight } from './checks.ts';
import { byKey, GRACE, idOf, idOfFile, type KnownFile, type Truth } from './rules.ts';

/** In which a verification of a date by its rows differs from what the jobs have written. */
export interface DataComparison {
  readonly found: readonly { readonly file: KnownFile; readonly finding: DataFinding }[];
  readonly wrong: readonly { readonly file: KnownFile | undefined; readonly finding: DataFinding }[];
  readonly missed: readonly KnownFile[];
}

const SLACK = 6 * 60_000;

/** Compares what the rows of a date were said to prove with what the simulator wrote. */
export function compareData(truth: Truth, { date, findings }: VerifiedNight): DataComparison {
  const files = byKey(truth.files);
  const told = findings.map((finding) => ({ file: files.get(idOf(finding)), finding }));
  const named = new Set(told.map(({ file, finding }) => `${finding.type} ${file ? idOfFile(file) : ''}`));
  return {
    found: told.flatMap(({ file, finding }) =>
      file && isTrueOf(file, finding, truth) ? [{ file, finding }] : [],
    ),
    wrong: told.filter(({ file, finding }) => !(file && isTrueOf(file, finding, truth))),
    missed: truth.files.filter((file) => {
      const due = file.date === date ? dueFinding(file, truth) : undefined;
      return due !== undefined && !named.has(`${due} ${idOfFile(file)}`);
    }),
  };
}

function isTrueOf(file: KnownFile, { type, status, rows, lines }: DataFinding, truth: Truth): boolean {
  const { written, jobs } = writtenOf(file, truth);
  if (rows !== written) return false;
  switch (type) {
    case 'lost':
      return status === 'completed' && written === 0;
    case 'twice':
      return status === 'completed' && jobs > 1;
    case 'unexpected':
      return written > 0 && (status === null || ['pending', 'failed', 'quarantined'].includes(status));
    case 'converted':
      return written > 0 && (status === 'manifested' || status === 'processing');
    case 'partly':
      return lines !== null && written < lines && file.uploads.some((upload) => upload.rows === lines);
    default:
      return false;
  }
}

/** What the rows of a file have to be told for; undefined: nothing, or it has changed a moment ago. */
function dueFinding(file: KnownFile, truth: Truth): DataFinding['type'] | undefined {
  const { record, status, statusMillis = 0, operated, uploads, faults, conversions } = file;
  const last = Math.max(statusMillis, operated?.atMillis ?? 0, ...uploads.map(({ atMillis }) => atMillis));
  const newest = Math.max(0, ...conversions.map(({ atMillis }) => atMillis));
  const isYoung = Math.max(last, newest) > truth.nowMillis - GRACE - SLACK;
  const isOdd = faults.some(({ fault }) => fault === 'odd_suffix' || fault === 'unknown_status');
  if (record !== 'present' || isYoung || isOdd) return undefined;
  const now = operated && operated.atMillis > statusMillis ? operated.status : status;
  const { written, jobs } = writtenOf(file, truth);
  if (now === 'completed') return written === 0 ? 'lost' : jobs > 1 ? 'twice' : undefined;
  if (written === 0) return undefined;
  if (now === 'manifested' || now === 'processing') return 'converted';
  return now === 'pending' || now === 'failed' ? 'unexpected' : undefined;
}

/** The rows of a file that count for its record: those from before it are of an earlier one. */
function writtenOf({ conversions, uploads, faults }: KnownFile, { version }: Truth) {
  // An older builder replaces the record at each upload; if its time cannot be read, all rows count.
  const isUndated = faults.some(({ fault }) => fault === 'odd_time');
  const created = (version === 'B' ? uploads.at(-1) : uploads[0])?.atMillis ?? 0;
  const own = conversions.filter(({ atMillis }) => isUndated || atMillis >= created - 60_000);
  return {
    written: own.reduce((sum, { rows }) => sum + rows, 0),
    jobs: new Set(own.map(({ outputKey }) => outputKey)).size,
  };
}
