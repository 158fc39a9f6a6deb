import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { proofKeeper } from '../../shared/orphans/keep-proofs.ts';
import { searchPage } from '../../shared/orphans/search.ts';
import type { OrphanSearch, SearchCursor, SearchPage } from '../../shared/orphans/search-page.ts';
import type { Verdict } from '../../shared/orphans/verdict.ts';
import { saveVerifiedDate } from '../../shared/reports/verified-dates.ts';
import type { LocalAws } from './local-aws.ts';
import { inShort, orphanSearch, verdictsOf } from './orphan-search.ts';

/** The result of a sweep of completed files. */
export interface CompletedSweep {
  readonly verdicts: readonly Verdict[];
  /** By file key, as `kind cause change`. */
  readonly told: Readonly<Record<string, string>>;
  readonly checked: number;
  readonly unknown: number;
  readonly unverifiable: number;
}

/**
 * Searches the completed files at `now`, and saves what a sweep saves. Dates are idle, because tests count nothing.
 *
 * @param forget whether to forget which dates were verified
 * @param from the listing to begin with; by default the completed files
 */
export async function sweepOf(
  aws: LocalAws,
  now: number,
  {
    forget = false,
    from = { listing: 'completed' },
    ...overrides
  }: Partial<OrphanSearch> & { readonly forget?: boolean; readonly from?: SearchCursor } = {},
): Promise<CompletedSweep> {
  const search = orphanSearch(aws, now, overrides);
  const keepProofs = proofKeeper(search);
  const pages: SearchPage[] = [];
  let next: SearchCursor | undefined = from;
  while (next) {
    if (forget) await forgetVerified(aws, next);
    // As it is stored in a checkpoint.
    const page: SearchPage = await searchPage(search, JSON.parse(JSON.stringify(next)));
    pages.push(page);
    await keepProofs(page.proofs);
    if (page.verified) await saveVerifiedDate(search.projection, page.verified, now);
    next = page.next;
  }
  const sum = (of: (page: SearchPage) => number) => pages.reduce((total, page) => total + of(page), 0);
  const verdicts = verdictsOf(pages);
  return {
    verdicts,
    told: inShort(verdicts),
    checked: sum(({ checked }) => checked),
    unknown: sum(({ unknown }) => unknown),
    unverifiable: sum(({ unverifiable }) => unverifiable),
  };
}

export function keysOf({ verdicts }: CompletedSweep): string[] {
  return verdicts.map(({ file_key }) => file_key).sort();
}

async function forgetVerified({ documents, projectionTable }: LocalAws, { dateCheck }: SearchCursor) {
  if (dateCheck) return;
  for (const sk of ['2026-11-20', '2026-11-21']) {
    await documents.send(new DeleteCommand({ TableName: projectionTable, Key: { pk: 'VERIFIED', sk } }));
  }
}
