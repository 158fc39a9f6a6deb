import { isInFlight } from '../pipeline/status.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { type FileList, type FilesRequest, isGathered } from './list-files.ts';
import type { FileOrder } from './requests.ts';

/** The name of an order. For files in flight, `age` is how long they have waited. */
export function orderText(order: FileOrder, { status }: Pick<FilesRequest, 'status'>): string {
  if (order === 'age') return status && isInFlight(status) ? 'longest waiting first' : 'oldest first';
  return { newest: 'newest first', name: 'by name', error: 'by error', manifest: 'by manifest' }[order];
}

/**
 * How many files are listed, of how many, and in what order.
 *
 * @param whole how many files the status and the date have in all
 */
export function countText(request: FilesRequest, list: FileList, whole: number | undefined): string {
  const { files, gathered } = list;
  if (gathered) {
    const { at, listed } = gathered;
    const part = files.length < listed ? `${at + 1} to ${at + files.length} of ` : '';
    return `${part}${countOf(listed, 'file')}${request.sort ? `, ${orderText(request.sort, request)}` : ''}`;
  }
  const known = request.class === undefined ? whole : undefined;
  const of = known !== undefined && known > files.length ? ` of about ${grouped(known)}` : '';
  const order = request.status && !request.date ? ', oldest date first' : ', sorted by name';
  return `${request.next ? 'the next ' : ''}${grouped(files.length)}${of} files${order}`;
}

/** What was searched to sort or filter, if not everything; and what was left out. */
export function lookedText(
  request: FilesRequest,
  { gathered, next_token: next }: FileList,
  whole: number | undefined,
): string | undefined {
  if (!gathered || !isGathered(request)) return undefined;
  const { looked, ageUnknown } = gathered;
  const of = whole !== undefined && whole > looked ? ` of about ${grouped(whole)}` : '';
  const part = request.next ? 'the next' : 'the first';
  const sorted = request.sort ? 'Sorted' : 'Searched';
  const order = request.status && !request.date ? ', oldest date first' : '';
  const among =
    next || request.next
      ? `${sorted} only ${part} ${grouped(looked)}${of}${order}; the command below lists all of them.`
      : '';
  const unknown =
    ageUnknown > 0
      ? `${countOf(ageUnknown, 'file')} of unknown age ${ageUnknown === 1 ? 'is' : 'are'} left out.`
      : '';
  return `${among} ${unknown}`.trim() || undefined;
}
