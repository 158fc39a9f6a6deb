import pMap from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { forgetLostFile, proofExpiry, saveConverted, saveLostFile } from '../projection/proofs.ts';
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
    const writes = [
      ...fresh.map((proof) => () => saveConverted(projection, proof, expiry)),
      ...lost.map((file) => () => saveLostFile(projection, file, expiry)),
      ...found.map((key) => () => forgetLostFile(projection, key)),
    ];
    await pMap(writes, (write) => write(), { concurrency: CONCURRENT_WRITES });
  };
}
