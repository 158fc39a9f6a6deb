import { mapInTime } from '../flow/map-in-time.ts';
import { recordKind } from '../pipeline/record.ts';
import { parseStatus } from '../pipeline/status.ts';
import { keyOf, type RecordKey, readRecord, type TrackingRecord } from '../pipeline/tracking-table.ts';
import type { LostFile } from '../reports/proofs.ts';
import { type Check, type CheckResult, checkRecord, isLeaving } from './check-record.ts';
import { isOfCompleted, lostFileOf, provesLoss } from './memory.ts';
import { isWithoutOutput } from './outputs-not-found.ts';
import type { OrphanSearch, Proofs } from './search-page.ts';
import type { DateCheck } from './verified-dates.ts';

const CONCURRENT_CHECKS = 16;

/**
 * Files that were found before this check began, and files that the rows of the output prove lost; what the check
 * itself finds is reported as it is found.
 */
export async function rememberedFiles(
  { memory, provedRows }: Check,
  { date, number }: DateCheck,
): Promise<ReadonlyMap<string, RecordKey>> {
  const all = await memory.lostFilesOf(date);
  const completed = [...all].filter(([, { version }]) => isOfCompleted(version));
  const isToldAlready = new Set(completed.map(([file_key]) => file_key));
  const byRows = (await provedRows.lostOf(date)).filter(({ file_key }) => !isToldAlready.has(file_key));
  return new Map<string, RecordKey>([
    ...byRows.map((file) => [file.file_key, file] as const),
    ...completed.filter(([, { check }]) => check < number),
  ]);
}

const STAYS_LOST: ReadonlySet<CheckResult['kind']> = new Set(['orphan', 'unknown', 'age_unknown']);

/**
 * Checks each of them again, as far as there is time: one that was converted after all, or has moved on, is no longer
 * lost.
 */
export async function recheckLost(search: OrphanSearch, lost: readonly RecordKey[]) {
  const looked = await mapInTime(
    lost,
    async (file) => {
      const record = await readRecord(search.tracking, file);
      if (!record || !isCompleted(record) || isLeaving(record, search.now)) return { file };
      return { file, record, result: await checkRecord(search, record) };
    },
    { concurrency: CONCURRENT_CHECKS, signal: search.signal },
  );
  const kept = looked.flatMap(({ record, result }) =>
    record && result && STAYS_LOST.has(result.kind) ? [{ record, result }] : [],
  );
  const stays = new Set(kept.map(({ record }) => record.file_key));
  return {
    records: kept.map(({ record }) => record),
    results: kept.map(({ result }) => result),
    looked: looked.length,
    found: looked.filter(({ file }) => !stays.has(file.file_key)).map(({ file }) => keyOf(file)),
  };
}

/** What these results prove and is not remembered yet. */
export async function proofsIn(
  { memory, now }: Check,
  { number }: DateCheck,
  records: readonly TrackingRecord[],
  results: readonly CheckResult[],
): Promise<Omit<Proofs, 'found'>> {
  const lost: LostFile[] = [];
  for (const [i, result] of results.entries()) {
    const record = records[i];
    if (!record || result.kind !== 'orphan') continue;
    const file = lostFileOf(result.verdict, record, now, number);
    if (file && !(await memory.lostOf(record))) lost.push(file);
  }
  const converted = results.flatMap((result) => (result.kind === 'healthy' ? (result.proof ?? []) : []));
  const byManifest = new Map(converted.map((proof) => [proof.manifest, proof]));
  return { converted: [...byManifest.values()], lost };
}

/** The same for files that wait for their manifest's job: once the manifest has expired, nothing says why any more. */
export async function claimedProofsIn(
  { memory, now }: Check,
  records: readonly TrackingRecord[],
  results: readonly CheckResult[],
): Promise<LostFile[]> {
  const lost: LostFile[] = [];
  for (const [i, result] of results.entries()) {
    const record = records[i];
    if (!record?.manifest_path || result.kind !== 'orphan' || recordKind(record) !== 'file') continue;
    const file = lostFileOf(result.verdict, record, now, 0);
    if (file && (await memory.lostOf(record))?.cause !== file.cause) lost.push(file);
  }
  return lost;
}

/** The check after these files of its date, each counted by its result. */
export function addResults(check: DateCheck, results: readonly CheckResult[]): DateCheck {
  const count = (...wanted: CheckResult['kind'][]) =>
    results.filter(({ kind }) => wanted.includes(kind)).length;
  const withoutOutput = results.filter(isWithoutOutput).length;
  const lost = countLost(results.filter((result) => !isWithoutOutput(result)));
  return {
    ...check,
    open: check.open + count('orphan', 'unknown') - withoutOutput - lost,
    young: check.young + count('young', 'age_unknown'),
    lost: check.lost + lost,
    converted: check.converted + count('healthy'),
    unverifiable: check.unverifiable + count('unverifiable'),
    withoutOutput: check.withoutOutput + withoutOutput,
  };
}

/** How many of these files must be remembered as lost. */
export function countLost(results: readonly CheckResult[]): number {
  return results.filter((result) => result.kind === 'orphan' && provesLoss(result.verdict)).length;
}

function isCompleted({ status }: TrackingRecord): boolean {
  return parseStatus(status).status === 'completed';
}
