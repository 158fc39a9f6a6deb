import { createCheck } from '../../shared/orphans/check-record.ts';
import { SEARCH_START, searchPage } from '../../shared/orphans/search.ts';
import type { OrphanSearch, SearchCursor, SearchPage } from '../../shared/orphans/search-page.ts';
import { ORPHAN_KINDS, type Verdict } from '../../shared/orphans/verdict.ts';
import { USUAL_SUFFIXES_ONLY } from '../../shared/pipeline/status-index.ts';
import { trackingTable } from '../../shared/pipeline/tracking-table.ts';
import type { LocalAws } from './local-aws.ts';
import { FIELD_LIMITS, FIELD_PROFILE } from './profile.ts';

/** A search over everything, at `now`, with the clients of a test. */
export function orphanSearch(
  aws: LocalAws,
  now: number,
  overrides: Partial<OrphanSearch> = {},
): OrphanSearch {
  const context = {
    tracking: trackingTable(aws.documents, aws.trackingTable, FIELD_PROFILE),
    projection: { docs: aws.documents, name: aws.projectionTable },
    storage: { s3: aws.s3, buckets: aws.buckets },
    profile: FIELD_PROFILE,
    now,
  };
  const rules = { limits: FIELD_LIMITS, graceHours: FIELD_PROFILE.limits.grace_hours };
  return {
    ...createCheck({ ...context, ...rules, ...overrides }),
    kinds: ORPHAN_KINDS,
    range: {},
    suffixes: USUAL_SUFFIXES_ONLY,
    pageSize: 100,
    ...overrides,
  };
}

/** Every page of a search, from a cursor on. */
export async function searchAll(
  search: OrphanSearch,
  from: SearchCursor = SEARCH_START,
): Promise<SearchPage[]> {
  const pages: SearchPage[] = [];
  for (let next: SearchCursor | undefined = from; next; next = pages.at(-1)?.next) {
    // As it is stored in a checkpoint or a token.
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
