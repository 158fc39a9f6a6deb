import { filesAnswer, statsAnswer } from './answers.ts';
import type { Files, FilesRequest } from './files-view.ts';
import { readAnswer } from './read.ts';
import type { Source } from './source.ts';

const LISTED = 50;

/**
 * Two reads for the files of a date. Those of one status are in as many places as a status has shards, and
 * each of them is asked.
 */
export async function readFiles({ date, status, next }: FilesRequest, source: Source): Promise<Files> {
  const page = { limit: LISTED, ...(next && { next_token: next }) };
  const ofDate = { operation: 'get_file_state' as const, date_prefix: date, ...page };
  const ofStatus = {
    operation: 'query_by_status' as const,
    status,
    ...(date && { date_range: { start: date, end: date } }),
    ...page,
  };
  const [list, stats] = await Promise.all([
    readAnswer(source, status ? ofStatus : ofDate, filesAnswer),
    readAnswer(source, { operation: 'get_stats', ...(date && { date_prefix: date }) }, statsAnswer),
  ]);
  return { list, stats };
}
