import { DEFAULT_LIMITS, GRACE_HOURS } from '../../../shared/checks/limits.ts';
import { SEARCH_START, searchPage } from '../../../shared/checks/orphan-search.ts';
import type { OrphanSearch, SearchPage, SearchPosition } from '../../../shared/checks/search-page.ts';
import { ORPHAN_KINDS, type Verdict } from '../../../shared/checks/verdict.ts';
import { createWitness } from '../../../shared/checks/witness.ts';
import type { LocalAws } from '../../support/local-aws.ts';

/** A search over everything, at `now`, with the clients of a test. */
export function orphanSearch(
  aws: LocalAws,
  now: number,
  overrides: Partial<OrphanSearch> = {},
): OrphanSearch {
  const context = {
    tracking: { docs: aws.documents, name: aws.trackingTable },
    projection: { docs: aws.documents, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    now,
  };
  return {
    ...context,
    witness: createWitness({ ...context, ...overrides }),
    limits: DEFAULT_LIMITS,
    graceHours: GRACE_HOURS,
    kinds: ORPHAN_KINDS,
    range: {},
    suffixes: [],
    pageSize: 100,
    ...overrides,
  };
}

/** Every page of a search, from a position on. */
export async function searchAll(
  search: OrphanSearch,
  from: SearchPosition = SEARCH_START,
): Promise<SearchPage[]> {
  const pages: SearchPage[] = [];
  for (let next: SearchPosition | undefined = from; next; next = pages.at(-1)?.next) {
    // As a checkpoint or a token carries it.
    pages.push(await searchPage(search, JSON.parse(JSON.stringify(next))));
  }
  return pages;
}

export function verdictsOf(pages: readonly SearchPage[]): Verdict[] {
  return pages.flatMap(({ verdicts }) => verdicts);
}

/** Verdicts as `kind cause change`, by file key. */
export function inShort(verdicts: readonly Verdict[]): Record<string, string> {
  return Object.fromEntries(
    verdicts.map(({ file_key, kind, cause, change }) => [file_key, `${kind} ${cause} ${change}`]),
  );
}
