import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { type RecordKey, readRecord } from '../pipeline/tracking-table.ts';
import { type Drift, driftOf } from '../projection/drift.ts';
import { readHead } from '../projection/projection-table.ts';
import { type RepairDeps, repairRecords } from '../projection/repair.ts';

/** A head that disagrees with its record for longer than the usual lag of the stream. */
export interface DriftedFile extends RecordKey {
  readonly drift: Drift;
  /** Whether it was made to agree. */
  readonly repaired: boolean;
}

/** Rechecks possible drift, and repairs it where that is allowed. */
export type ResolveDrift = (keys: readonly RecordKey[]) => Promise<readonly DriftedFile[]>;

const CONCURRENT_LOOKS = 16;

/**
 * Confirms drift without repairing it: drift is what still differs after the stream has had time to catch up.
 *
 * @param wait waits for that time
 */
export function driftConfirmer(
  { tracking, projection }: Pick<Deps, 'tracking' | 'projection'>,
  wait: () => Promise<unknown>,
): ResolveDrift {
  const look = async (key: RecordKey): Promise<DriftedFile[]> => {
    // The head first: a change in between then shows as a newer record, never as a newer head.
    const head = await readHead(projection, key);
    const drift = driftOf(head, await readRecord(tracking, key));
    return drift ? [{ ...key, drift, repaired: false }] : [];
  };
  return async (keys) => {
    if (keys.length === 0) return [];
    await wait();
    return (await pMap(keys, look, { concurrency: CONCURRENT_LOOKS })).flat();
  };
}

/**
 * Repairs drift: what still differs after `waitMillis` is made to agree with the records. A difference that goes away
 * by itself was the ordinary lag of the stream, and is left out.
 */
export function driftRepairer(deps: RepairDeps, waitMillis: number): ResolveDrift {
  return async (keys) => {
    const results = await repairRecords(keys, waitMillis, deps);
    const failed = results.find(({ outcome }) => outcome === 'failed');
    if (failed) throw failed.error;
    const lasting = results.filter(({ outcome }) => outcome === 'repaired');
    return lasting.map(({ date_prefix, file_key, drift }) => ({
      date_prefix,
      file_key,
      drift,
      repaired: true,
    }));
  };
}
