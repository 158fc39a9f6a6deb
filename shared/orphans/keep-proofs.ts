import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { noteLost } from '../reports/noted.ts';
import {
  forgetLostFile,
  type LostFile,
  proofExpiry,
  readLostFiles,
  saveConverted,
  saveLostFile,
} from '../reports/proofs.ts';
import { isOfCompleted } from './memory.ts';
import type { Proofs } from './search-page.ts';

const CONCURRENT_WRITES = 16;

/** Remembers what the pages of a sweep prove; a manifest whose files are on many pages is written once. */
export function proofKeeper({
  projection,
  profile,
  now,
}: Pick<Deps, 'projection' | 'profile' | 'now'>): (proofs: Proofs) => Promise<void> {
  const expiry = proofExpiry(now, profile.records.settled_days);
  const kept = new Set<string>();
  return async ({ converted, lost, found }) => {
    const fresh = converted.filter(({ manifest }) => !kept.has(manifest));
    for (const { manifest } of fresh) kept.add(manifest);
    await noteNewlyLost(projection, lost, now);
    const writes = [
      ...fresh.map((proof) => () => saveConverted(projection, proof, expiry)),
      ...lost.map((file) => () => saveLostFile(projection, file, expiry)),
      ...found.map((key) => () => forgetLostFile(projection, key)),
    ];
    await pMap(writes, (write) => write(), { concurrency: CONCURRENT_WRITES });
  };
}

/**
 * Notes completed files only: a file in flight with a verdict is remembered as well, but has lost nothing. A sweep that
 * checks a date again finds what it has found before: that is written once.
 */
async function noteNewlyLost(projection: Deps['projection'], all: readonly LostFile[], now: number) {
  const lost = all.filter(({ version }) => isOfCompleted(version));
  for (const date of new Set(lost.map(({ date_prefix }) => date_prefix))) {
    const before = await readLostFiles(projection, date);
    const fresh = lost.filter(
      ({ date_prefix, file_key, version }) =>
        date_prefix === date && before.get(file_key)?.version !== version,
    );
    if (fresh.length === 0) continue;
    // A check that is repeated has the same number. One number may find two versions of a record, and after an undo, two
    // checks find the same version.
    const found = fresh.map(({ file_key, version, check }) => JSON.stringify([file_key, version, check]));
    const files = fresh.map(({ file_key }) => file_key);
    const occasion = found.sort().join();
    await noteLost(projection, { date_prefix: date, by: 'evidence', files, occasion }, now);
  }
}
