import { listByStatus } from '../files/status-index.ts';
import { searchCompleted } from './completed-search.ts';
import {
  checkAll,
  emptyPage,
  type OrphanSearch,
  pageOf,
  queryOf,
  type SearchPage,
  type SearchPosition,
  STAGES,
  type Stage,
} from './search-page.ts';

export const SEARCH_START: SearchPosition = { stage: STAGES[0].name };

/**
 * Does one page of a search for orphans, and tells where it goes on. It writes nothing, so a page that was
 * cut off is simply done again.
 */
export async function searchPage(search: OrphanSearch, position: SearchPosition): Promise<SearchPage> {
  const index = STAGES.findIndex(({ name }) => name === position.stage);
  const stage = STAGES[index];
  if (!stage) throw new TypeError(`"${position.stage}" is no stage of a search.`);
  const following = STAGES[index + 1];
  const after = following && { stage: following.name };
  if (!stage.finds.some((kind) => search.kinds.includes(kind))) return emptyPage(stage, after);
  return stage.name === 'completed'
    ? searchCompleted(search, stage, position)
    : searchListed(search, stage, position, after);
}

async function searchListed(
  search: OrphanSearch,
  stage: Stage,
  { after }: SearchPosition,
  following: SearchPosition | undefined,
): Promise<SearchPage> {
  const query = queryOf(search, stage);
  const { records, next } = await listByStatus(search.tracking, query, search.pageSize, after);
  const page = pageOf(search, stage, records, await checkAll(search, records));
  return { ...page, next: next ? { stage: stage.name, after: next } : following };
}
