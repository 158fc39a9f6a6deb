import * as z from 'zod';
import { explainRows } from '../data-proof/explain-rows.ts';
import { readFileProof } from '../data-proof/kept-proof.ts';
import { createCheck } from '../orphans/check-record.ts';
import { type Explanation, explainRecord, explainRemoved } from '../orphans/explain.ts';
import { explainUnrecorded, type Unrecorded } from '../orphans/explain-unrecorded.ts';
import { type RecommendedChange, STATUS_AFTER, type Verdict } from '../orphans/verdict.ts';
import { isAllowedTransition } from '../pipeline/lifecycle.ts';
import { firstKnown, keysOfName } from '../pipeline/names.ts';
import { fileNotFound, recordKind } from '../pipeline/record.ts';
import { failureOfFile } from '../pipeline/record-failure.ts';
import { parseStatus } from '../pipeline/status.ts';
import { keyOf, type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { attemptsOf, namedEvents } from '../projection/attempt-details.ts';
import { readHead, readPageEvents } from '../projection/projection-table.ts';
import { mergeEvents } from '../projection/timeline.ts';
import { ageRules, datePrefix, fileKey, limitFields } from './inputs.ts';
import { readWords } from './notes.ts';
import { type OperationDeps, operation } from './operation.ts';

export const explainFile = operation({
  name: 'explain_file',
  description:
    'What one file or manifest is waiting for or what is wrong with it, how that is known, and what to do',
  input: z.strictObject({ date_prefix: datePrefix, file_key: fileKey, ...limitFields }),
  async run(deps, { date_prefix, file_key, ...given }) {
    const check = createCheck({ ...deps, ...ageRules(given, deps.profile) });
    const found = await firstKnown(keysOfName(file_key, date_prefix, date_prefix), async (key) => {
      const record = await readRecord(deps.tracking, key);
      if (!record) return explainGone(deps, key);
      const [explanation, attempts, proof, words] = await Promise.all([
        explainRecord(check, record),
        readAttempts(deps, key, record),
        readFileProof(deps.projection, record),
        readWords(deps, key),
      ]);
      const rows = explainRows(proof, record, deps.now);
      return { ...shownExplanation(record, explanation), rows, attempts, ...words };
    });
    if (found) return found;
    const unrecorded = await findUnrecorded(deps, { date_prefix, file_key });
    if (!unrecorded) throw fileNotFound({ date_prefix, file_key });
    return shownUnrecorded(unrecorded);
  },
});

/**
 * The outcome of each attempt, that is, each time the file was taken into a manifest: its record keeps only the last.
 */
async function readAttempts({ projection }: OperationDeps, key: RecordKey, record: TrackingRecord) {
  const head = await readHead(projection, key);
  const paged = head && head.pages > 0 ? await readPageEvents(projection, key) : [];
  return attemptsOf(namedEvents(mergeEvents(head, paged), record));
}

/** A record that is gone may have left its history; an object that was refused later says more. */
async function explainGone(deps: OperationDeps, key: RecordKey) {
  const head = await readHead(deps.projection, key);
  if (!head) return undefined;
  const unrecorded = await findUnrecorded(deps, key);
  const paged = head.pages > 0 ? await readPageEvents(deps.projection, key) : [];
  const events = mergeEvents(head, paged);
  if (unrecorded?.status === 'refused' && unrecorded.at > Date.parse(events.at(-1)?.time ?? '')) {
    return shownUnrecorded(unrecorded);
  }
  return {
    ...key,
    status: 'removed',
    kind: null,
    cause: null,
    verdict: explainRemoved(events),
    ...NOTHING_TO_DO,
    rows: null,
    attempts: attemptsOf(namedEvents(events, undefined)),
    ...(await readWords(deps, key)),
  };
}

/** What S3 has of a file without a record: its object, or the copy of one that was refused. */
async function findUnrecorded(deps: OperationDeps, key: RecordKey): Promise<Unrecorded | undefined> {
  return recordKind(key) === 'file' ? explainUnrecorded(deps, key) : undefined;
}

function shownUnrecorded({ date_prefix, file_key, status, summary, evidence }: Unrecorded) {
  const found = { date_prefix, file_key, status, kind: null, cause: null, verdict: summary };
  return { ...found, ...NOTHING_TO_DO, evidence, rows: null, attempts: [], notes: [], acknowledgements: [] };
}

const NOTHING_TO_DO = {
  failure_class: null,
  evidence: [],
  recommended_change: 'none',
  needs_force: false,
  commands: [],
  next_request: null,
};

function shownExplanation(record: TrackingRecord, { verdict, summary, evidence, change }: Explanation) {
  return {
    ...keyOf(record),
    status: parseStatus(record.status).status,
    kind: verdict?.kind ?? null,
    cause: verdict?.cause ?? null,
    // Which other files failed for the same reason, if it failed.
    failure_class: recordKind(record) === 'file' ? (failureOfFile(record) ?? null) : null,
    verdict: summary,
    evidence,
    recommended_change: change,
    needs_force: verdict?.needs_force ?? false,
    // Commands that show the execution that may still run, and stop it.
    commands: verdict?.commands ?? [],
    // Can be sent as it is; with dry_run false it takes effect.
    next_request: nextRequest(record, change, summary, verdict),
  };
}

function nextRequest(
  { date_prefix, file_key, ...record }: TrackingRecord,
  change: RecommendedChange,
  reason: string,
  { needs_force = false, proved_lost = false }: Pick<Verdict, 'needs_force' | 'proved_lost'> = {},
) {
  if (change === 'none') return null;
  const { status } = parseStatus(record.status);
  const new_status = STATUS_AFTER[change];
  const isAllowed = isAllowedTransition(status, new_status) || (proved_lost && change === 'reset');
  return {
    operation: 'update_state',
    date_prefix,
    file_key,
    new_status,
    expected_status: status,
    ...((needs_force || !isAllowed) && { force: true }),
    reason,
    dry_run: true,
  };
}
