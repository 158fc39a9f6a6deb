import type { Deps } from '../aws/deps.ts';
import { proofExpiry } from '../reports/proofs.ts';
import { addDays, dayOf } from '../text/time.ts';
import type { DataFinding } from './data-finding.ts';
import { DATA_FINDINGS, type DataFindingType } from './judge-rows.ts';
import {
  type DateProof,
  isElsewhere,
  keepProof,
  proofOf,
  readDateFindings,
  toldFindings,
} from './kept-proof.ts';
import { isLasting, keepLines, keepReadings, loadKeptRows } from './kept-rows.ts';
import { type DateVerification, fileCount, verifyStart, verifyStep } from './verify-date.ts';

/** What the audit of a date verifies, and until when. */
export interface NightlyDeps
  extends Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'random' | 'signal'> {
  readonly date: string;
  readonly graceMillis: number;
}

/**
 * Files by what is wrong with them. `elsewhere` is 1 if so many files of the date have no rows that its output must be
 * elsewhere: then none of them is counted as lost.
 */
type FoundCounts = Readonly<Record<DataFindingType | 'elsewhere', number>>;

/** The result. */
export interface NightlyProof {
  /** Undefined when there was not enough time: what was read is stored, and the next audit continues. */
  readonly proof: DateProof | undefined;
  readonly found: FoundCounts;
  /**
   * New findings: files that the previous verification did not name, or named for something else; and the date, if its
   * output was not elsewhere then.
   */
  readonly newFindings: number;
}

/**
 * Verifies a date that is at most `data_proof.days` old: the presence of all files and, for yesterday, the lines of a
 * random sample. Objects that were stored on earlier nights are not read again.
 *
 * @returns undefined for other dates
 */
export async function verifyNightly(deps: NightlyDeps): Promise<NightlyProof | undefined> {
  const { date, now, projection, profile, signal } = deps;
  const { days, sample_files } = profile.data_proof;
  const today = dayOf(now);
  if (days === 0 || date < addDays(today, -days) || date > today) return undefined;
  const expires = proofExpiry(now, profile.records.settled_days);
  const kept = await loadKeptRows(projection, date);
  const given: DateVerification = { ...deps, kept, lineShare: 0, meter: { requests: 0, bytes: 0 } };
  const wanted = date === addDays(today, -1) ? sample_files : 0;
  const findings: DataFinding[] = [];
  let state = verifyStart();
  for (let isLast = false; !isLast; ) {
    if (signal.aborted) return { proof: undefined, found: NOTHING_FOUND, newFindings: 0 };
    const before = state.readings.length;
    const step = await verifyStep({ ...given, lineShare: wanted / Math.max(1, fileCount(state)) }, state);
    const read = step.state.readings.slice(before);
    await keepReadings(
      projection,
      date,
      read.filter((each) => isLasting(each) && !kept.known(each.object)),
      expires,
    );
    await keepLines(
      projection,
      date,
      step.counted.map(({ id, lines }) => [id, lines] as const),
      expires,
    );
    findings.push(...step.findings);
    ({ state, isLast } = step);
  }
  const proof = proofOf(given, state);
  const newFindings = await countNew(deps, proof, findings);
  await keepProof(projection, proof, findings, expires);
  return { proof, found: countFound(proof, findings), newFindings };
}

const NOTHING_FOUND: FoundCounts = { lost: 0, twice: 0, partly: 0, unexpected: 0, elsewhere: 0 };

function countFound(proof: DateProof, findings: readonly DataFinding[]): FoundCounts {
  const counts = { ...NOTHING_FOUND, elsewhere: isElsewhere(proof) ? 1 : 0 };
  const told = toldFindings(proof, findings);
  for (const type of DATA_FINDINGS) counts[type] = told.filter((finding) => finding.type === type).length;
  return counts;
}

async function countNew(
  { projection, date }: NightlyDeps,
  proof: DateProof,
  findings: readonly DataFinding[],
): Promise<number> {
  const { proof: last, findings: before } = await readDateFindings(projection, date);
  const isNewlyElsewhere = isElsewhere(proof) && !(last && isElsewhere(last));
  const fresh = toldFindings(proof, findings).filter(
    ({ file_key, type }) => isAlarming(type) && before.get(file_key)?.type !== type,
  );
  return fresh.length + (isNewlyElsewhere ? 1 : 0);
}

function isAlarming(type: DataFinding['type']): boolean {
  return DATA_FINDINGS.some((finding) => finding === type);
}
