import type { Deps } from '../aws/deps.ts';
import { cached } from '../flow/cache.ts';
import type { ManifestFacts } from '../pipeline/evidence-loader.ts';
import { manifestPlace } from '../pipeline/job-report.ts';
import { parseStatus } from '../pipeline/status.ts';
import { keyOf, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { type ConvertedManifest, type LostFile, readConverted, readLostFiles } from '../reports/proofs.ts';
import { abridged } from '../text/visible-text.ts';
import type { Verdict } from './verdict.ts';

/** What earlier sweeps have proved. This only reads: sweeps write. */
export interface Memory {
  convertedOf(record: TrackingRecord, manifest: ManifestFacts): Promise<ConvertedManifest | undefined>;
  /** Undefined when the record has changed since it was found to be lost. */
  lostOf(record: TrackingRecord): Promise<LostFile | undefined>;
  /** All of a date, by file key. */
  lostFilesOf(date: string): Promise<ReadonlyMap<string, LostFile>>;
}

const MOST_ITEMS = 100_000;

export function createMemory({ projection }: Pick<Deps, 'projection'>): Memory {
  const convertedAt = cached(
    async (key) => {
      const [date = '', place = ''] = JSON.parse(key) as string[];
      return readConverted(projection, date, place);
    },
    { most: MOST_ITEMS, weightOf: () => 1 },
  );
  const lostFilesOf = cached((date) => readLostFiles(projection, date), {
    most: MOST_ITEMS,
    weightOf: ({ size }) => 1 + size,
  });
  return {
    lostFilesOf,
    async convertedOf({ date_prefix }, { name }) {
      if (name.kind !== 'object') return undefined;
      return convertedAt(JSON.stringify([date_prefix, manifestPlace(name.location)]));
    },
    async lostOf(record) {
      const lost = (await lostFilesOf(record.date_prefix)).get(record.file_key);
      return lost?.version === versionOf(record) ? lost : undefined;
    },
  };
}

/** The attributes of a record on which a proof depends: after a change of one, everything must be checked again. */
function versionOf({ status, completed_time, manifest_path }: TrackingRecord): string {
  return JSON.stringify([parseStatus(status).status, completed_time ?? null, manifest_path ?? null]);
}

/** Whether a version is that of a completed file; what is in flight is remembered, too. */
export function isOfCompleted(version: string): boolean {
  return (JSON.parse(version) as unknown[])[0] === 'completed';
}

// The evidence that an item keeps; the rest can be loaded again.
const LONGEST_SEEN = 400;
const DECISIVE: ReadonlySet<string> = new Set(['manifest', 'job_report', 'output']);
/** It says that nothing is certain; once the manifest may have expired, it says nothing at all. */
const NO_PROOF: ReadonlySet<string> = new Set(['manifest_gone']);

/** Whether a verdict on a completed file will still be true when its evidence has expired. */
export function provesLoss({ cause }: Verdict): boolean {
  return !NO_PROOF.has(cause);
}

/** What to remember about a completed file with a verdict; undefined when that proves no loss. */
export function lostFileOf(
  verdict: Verdict,
  record: TrackingRecord,
  now: number,
  check: number,
): LostFile | undefined {
  if (!provesLoss(verdict)) return undefined;
  const { kind, cause, evidence } = verdict;
  const decisive = evidence.filter(({ about }) => DECISIVE.has(about));
  return {
    ...keyOf(record),
    version: versionOf(record),
    kind,
    cause,
    seen: abridged(decisive.map(({ detail }) => detail).join('; '), LONGEST_SEEN),
    ...{ at: now, check },
  };
}
