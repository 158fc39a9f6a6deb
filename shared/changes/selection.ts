import { pMapIterable } from 'p-map';
import type { Deps } from '../aws/deps.ts';
import { isAllowedTransition } from '../pipeline/lifecycle.ts';
import { hoursInStatus, sinceOf } from '../pipeline/record.ts';
import { recordReader } from '../pipeline/record-reader.ts';
import { parseStatus, UNKNOWN_STATUS } from '../pipeline/status.ts';
import {
  cursorAfter,
  type DateRange,
  eachByStatus,
  type KnownSuffixes,
  type StatusCursor,
} from '../pipeline/status-index.ts';
import { keyOf, type RecordKey, recordOf, type TrackingRecord } from '../pipeline/tracking-table.ts';
import { withHeadSince } from '../projection/known-age.ts';
import { classFilter, type IsOfClass } from '../statistics/class-files.ts';
import { eachUnknownStep } from '../statistics/unknown-status.ts';
import { compareBytes } from '../text/byte-order.ts';
import { Refused } from '../text/refused.ts';
import { hoursText } from '../text/time-text.ts';
import {
  type AgeLimit,
  eachOfDates,
  isOlder,
  type OverdueByStatus,
  overdueByStatus,
} from './overdue-files.ts';
import type { PlanEntry } from './plan.ts';
import { type FileRequest, forceNeeded, type LeftOut, type Planned, planChecked } from './plan-entry.ts';
import { createResetCheck, type ResetDeps } from './reset-check.ts';
import { isSelected, type TextConditions } from './text-conditions.ts';

/** Which files are selected: those of a status that fulfil every further condition given. */
export interface Selection extends TextConditions {
  /** Without suffix; at least one. `unknown` means whatever is none of the six. */
  readonly statuses: readonly string[];
  readonly suffixes: KnownSuffixes;
  readonly range?: DateRange | undefined;
  /** In their status for longer than this; a file whose age is unknown is never selected for it. */
  readonly olderThanHours?: AgeLimit | undefined;
  /**
   * Whether only those dates are read on which the counters of ages say that files are old enough, or of unknown age;
   * goes with `olderThanHours`. A file that is counted wrongly, or not at all, may be missed.
   */
  readonly overdueOnly?: boolean | undefined;
  /** The class of the failure, from the record; `other`: any that has no class of its own. */
  readonly failureClass?: string | undefined;
  /** One more condition: whether to take a file, as it is now. */
  accepts?(record: TrackingRecord): boolean;
  /** Where the search continues, as given by `onDone`. */
  readonly after?: SelectionCursor | undefined;
  /** Whether time is up; asked after each file that was listed, selected or not. */
  mustStop?(): boolean;
  /** Called with each file that was listed, selected or not, in their order. */
  onDone?(file: SelectionCursor): void;
  /** Called with each status of which only some dates are read. */
  onNarrowed?(status: string, dates: readonly string[]): void;
  /** Called with each file that is left out because its age is unknown. */
  onAgeUnknown?(record: TrackingRecord): void;
  /** Called with each file that is not reset because of an obstacle. */
  onLeftOut?(file: LeftOut): void;
}

/** All files of a status up to one are done. It is plain JSON. */
export interface SelectionCursor {
  /** Without suffix. */
  readonly status: string;
  readonly files: StatusCursor;
}

/** What a selection works on. */
export type SelectionDeps = ResetDeps & Pick<Deps, 'projection'>;

/** What the selected files become. */
export type ChangeTarget = Pick<FileRequest, 'new_status' | 'additional_fields' | 'force'>;

/** A file that was selected. */
export interface Selected {
  readonly entry: PlanEntry;
  /** Hours in its status, undefined when its age is unknown. */
  readonly hours: number | undefined;
}

/**
 * Finds the files of a selection in the status index and plans for each, page by page: it holds at most
 * a page of each shard, however many there are. Each is read and judged again from the table itself, so that its plan
 * is bound to the version that was judged.
 *
 * @throws Refused when no status is given, or the transition needs force
 */
export async function* selectFiles(
  deps: SelectionDeps,
  selection: Selection,
  target: ChangeTarget,
  now: number,
): AsyncGenerator<Selected, void> {
  refuseUnusual(selection, target);
  const check = createResetCheck(deps);
  const readRecord = recordReader(deps.tracking);
  const isOfClass = await classFilter(deps.projection, selection.failureClass);
  let files = selection.after?.files ?? {};
  let last = selection.after?.status;
  const isDone = ({ record, status, endOf }: Found) => {
    // Files of unknown status are one list, of which the last one is enough.
    const before = status === last && status !== UNKNOWN_STATUS ? files : {};
    files = record ? cursorAfter([record], before) : { ...before, ...(endOf && { [status]: endOf }) };
    last = status;
    selection.onDone?.({ status, files });
  };
  const plan = async (file: Found): Promise<Looked> => {
    const { record: listed, status } = file;
    if (!listed) return { file };
    if (!isSelected(selection, listed) || !isOfClass(listed)) return { file };
    const age = await ageOf(deps, selection, listed, now);
    if (age !== 'older') return { file, isAgeUnknown: age === 'unknown' };
    const raw = await readRecord(listed);
    const record = raw && (await withHeadSince(deps.projection, recordOf(raw), now));
    const hours = record && hoursInStatus(record, now);
    if (record && selection.accepts?.(record) === false) return { file };
    if (!record || !isStillMeant(selection, { listed, record, isOfClass }, now)) return { file };
    const request = { ...keyOf(record), ...target, why: whyOf(status, hours) };
    return { planned: await planChecked(deps, check, request, raw), hours, file };
  };
  const found = pMapIterable(eachFound(deps, selection, now), plan, { concurrency: CONCURRENT_CHECKS });
  for await (const { planned, hours, isAgeUnknown, file } of found) {
    isDone(file);
    if (isAgeUnknown && file.record) selection.onAgeUnknown?.(file.record);
    if (planned?.kind === 'planned') yield { entry: planned.entry, hours };
    else if (planned?.kind === 'left_out') selection.onLeftOut?.(planned);
    if (selection.mustStop?.()) return;
  }
}

/** The index may be behind: what has moved on since, or is younger by its newest time, is no longer selected. */
function isStillMeant(selection: Selection, { listed, record, isOfClass }: Relisted, now: number): boolean {
  if (parseStatus(listed.status).status !== parseStatus(record.status).status) return false;
  return isOlder(selection.olderThanHours, record, now) && isSelected(selection, record) && isOfClass(record);
}

/** A record as it was listed, and as it is. */
interface Relisted {
  readonly listed: TrackingRecord;
  readonly record: TrackingRecord;
  readonly isOfClass: IsOfClass;
}

const CONCURRENT_CHECKS = 16;
const PAGE_SIZE = 1_000;

interface Found {
  /** Left out at the end of a date that was looked through. */
  readonly record?: TrackingRecord | undefined;
  readonly endOf?: RecordKey;
  /** Without suffix. */
  readonly status: string;
}

/** A file that was checked, and what is planned for it if it is selected. */
interface Looked {
  readonly file: Found;
  readonly planned?: Planned;
  readonly hours?: number | undefined;
  readonly isAgeUnknown?: boolean;
}

async function* eachFound(
  deps: SelectionDeps,
  selection: Selection,
  now: number,
): AsyncGenerator<Found, void> {
  const { statuses, after, overdueOnly, olderThanHours, range = {} } = selection;
  const left = after ? statuses.slice(statuses.indexOf(after.status)) : statuses;
  const overdue: OverdueByStatus =
    overdueOnly && olderThanHours !== undefined
      ? await overdueByStatus({ ...deps, now }, left, olderThanHours, range)
      : new Map();
  for (const status of left) {
    const dates = overdue.get(status);
    if (dates) selection.onNarrowed?.(status, dates);
    if (status === UNKNOWN_STATUS) {
      const files = status === after?.status ? after.files : undefined;
      const query = { entity: 'file', range, after: files && lastOf(files) } as const;
      for await (const { record, key } of eachUnknownStep(deps, query)) yield { record, status, endOf: key };
      continue;
    }
    for await (const record of recordsOf(deps, selection, status, dates)) yield { record, status };
  }
}

function recordsOf(
  deps: Pick<Deps, 'tracking' | 'projection'>,
  { suffixes, range = {}, after }: Selection,
  status: string,
  dates: readonly string[] | undefined,
): AsyncIterable<TrackingRecord> {
  const files = status === after?.status ? after.files : undefined;
  const query = { kind: 'file', status, suffixes, range } as const;
  return dates
    ? eachOfDates(deps.tracking, query, dates, files)
    : eachByStatus(deps.tracking, query, PAGE_SIZE, files);
}

/** Files of unknown status are listed by date and key. The cursors of earlier versions have one for each status. */
function lastOf(files: StatusCursor): RecordKey | undefined {
  const inOrder = (a: RecordKey, b: RecordKey) =>
    compareBytes(a.date_prefix, b.date_prefix) || compareBytes(a.file_key, b.file_key);
  return Object.values(files).sort(inOrder).at(-1);
}

/** Whether a file, as it was listed, is old enough; if it has no time, its head's counts. */
async function ageOf(
  { projection }: Pick<Deps, 'projection'>,
  selection: Selection,
  listed: TrackingRecord,
  now: number,
): Promise<'older' | 'younger' | 'unknown'> {
  if (selection.olderThanHours === undefined) return 'older';
  const record = await withHeadSince(projection, listed, now);
  if (sinceOf(record, now) === undefined) return 'unknown';
  return isOlder(selection.olderThanHours, record, now) ? 'older' : 'younger';
}

/** @throws Refused when a selection names no status, or a transition that needs force */
export function refuseUnusual(
  { statuses }: Pick<Selection, 'statuses'>,
  { new_status, force }: ChangeTarget,
): void {
  if (statuses.length === 0) {
    throw new Refused(
      'EMPTY_SELECTION',
      'No file was selected: a selection must name at least one status.',
      'Say which files to change; there is no way to select all of them.',
    );
  }
  const unusual = force ? undefined : statuses.find((status) => !isAllowedTransition(status, new_status));
  if (unusual !== undefined) {
    throw forceNeeded('The selection', unusual, new_status);
  }
}

function whyOf(status: string, hours: number | undefined): string {
  return hours === undefined ? `${status}, age unknown` : `${status} for ${hoursText(hours)}`;
}
