import type { Deps } from '../aws/deps.ts';
import { readCounters } from '../projection/counter-items.ts';
import { proofExpiry } from '../reports/proofs.ts';
import { addDays, dayOf } from '../text/time.ts';
import type { DataFinding } from './data-finding.ts';
import { DATA_FINDINGS, type DataFindingType } from './judge-rows.ts';
import { type DateProof, findingKey, keepProof, proofOf, readKnownFindings } from './kept-proof.ts';
import { isLasting, keepLines, keepReadings, loadKeptRows } from './kept-rows.ts';
import { type OpenVerification, readOpenFindings, saveOpenVerification } from './open-verification.ts';
import { isElsewhere, toldFindings } from './totals.ts';
import {
  type DateVerification,
  fileCount,
  type VerifyState,
  verifyStart,
  verifyStep,
} from './verify-date.ts';
import { VERIFY_START } from './verify-page.ts';

/** What the audit of a date verifies, and until when. */
export interface NightlyDeps
  extends Pick<Deps, 'tracking' | 'projection' | 'storage' | 'profile' | 'now' | 'random' | 'signal'>,
    Pick<DateVerification, 'keysPerPage'> {
  readonly date: string;
  readonly graceMillis: number;
  /** Where it continues, or `openVerification`. */
  readonly open: OpenVerification;
  /** Called with the result before it is stored: what is stored counts as known, and is never new again. */
  publish(result: NightlyProof): void;
}

/**
 * Files by what is wrong with them. `elsewhere` is 1 if so many files of the date have no rows that its output must be
 * elsewhere: then none of them is counted as lost.
 */
type FoundCounts = Readonly<Record<DataFindingType | 'elsewhere', number>>;

/** The result. */
export interface NightlyProof {
  /** Undefined when there was not enough time: what was done is stored, and the next invocation continues. */
  readonly proof: DateProof | undefined;
  readonly found: FoundCounts;
  /**
   * New findings: files that the previous verification did not name, or named for something else; and the date, if its
   * output was not elsewhere then.
   */
  readonly newFindings: number;
}

// They take up to a kilobyte each (measured), of the 800 MB that the audit may fill.
const MOST_FILES = 600_000;

/**
 * Whether the rows of a date are verified tonight: it is at most `data_proof.days` old, and its files, as counted, fit
 * into memory.
 *
 * @param since when its verification begins or began, in milliseconds since the epoch
 */
export async function rowsTonight(
  deps: Pick<Deps, 'projection' | 'profile'>,
  date: string,
  since: number,
  mostFiles = MOST_FILES,
): Promise<'verified' | 'not due' | 'too many files'> {
  if (!isDue(deps, date, since)) return 'not due';
  const { file } = await readCounters(deps.projection, date, 'eventual');
  const files = Object.values(file).reduce((sum, count) => sum + count, 0);
  return files <= mostFiles ? 'verified' : 'too many files';
}

function isDue({ profile }: Pick<Deps, 'profile'>, date: string, since: number): boolean {
  const { days } = profile.data_proof;
  const today = dayOf(since);
  return days > 0 && date >= addDays(today, -days) && date <= today;
}

/**
 * Verifies a date that is at most `data_proof.days` old, to its end or for as long as it may: the presence of all files
 * and, for yesterday, the lines of a random sample. Objects that were read earlier are not read again.
 *
 * @returns the result, which was published; undefined for other dates
 */
export async function verifyNightly(deps: NightlyDeps): Promise<NightlyProof | undefined> {
  const { date, open, projection, profile, signal } = deps;
  const { since } = open;
  if (!isDue(deps, date, since)) return undefined;
  const expires = proofExpiry(since, profile.records.settled_days);
  const kept = await loadKeptRows(projection, date);
  const given: DateVerification = { ...deps, kept, lineShare: 0, meter: { requests: 0, bytes: 0 } };
  const wanted = date === addDays(dayOf(since), -1) ? profile.data_proof.sample_files : 0;
  const findings: DataFinding[] = [];
  let state = verifyStart(open.compare);
  for (let isLast = false; !isLast; ) {
    if (signal.aborted) {
      const progress = { compare: state.compare ?? VERIFY_START, findings };
      await saveOpenVerification(projection, date, open, progress, deps);
      const result = { proof: undefined, found: NOTHING_FOUND, newFindings: 0 };
      deps.publish(result);
      return result;
    }
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
    isLast = step.isLast;
    state = withoutManifests(step.state);
  }
  // Files that changed after it began are not in its result, however long it took.
  const proof = proofOf({ ...given, now: since }, state);
  const all = [...(await readOpenFindings(projection, date, open)), ...findings];
  const result = { proof, found: countFound(proof, all), newFindings: await countNew(deps, proof, all) };
  deps.publish(result);
  await keepProof(projection, proof, all, expires);
  return result;
}

/** Nobody asks for them here, and a date may have more than an item can hold. */
function withoutManifests(state: VerifyState): VerifyState {
  const { compare } = state;
  return { ...state, compare: compare && { ...compare, totals: { ...compare.totals, manifests: {} } } };
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
  const { proof: last, types } = await readKnownFindings(projection, date);
  const isNewlyElsewhere = isElsewhere(proof) && !(last && isElsewhere(last));
  const fresh = toldFindings(proof, findings).filter(
    (finding) => isAlarming(finding.type) && types.get(findingKey(finding)) !== finding.type,
  );
  return fresh.length + (isNewlyElsewhere ? 1 : 0);
}

function isAlarming(type: DataFinding['type']): boolean {
  return DATA_FINDINGS.some((finding) => finding === type);
}
