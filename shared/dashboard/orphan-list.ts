import type { ReportedOrphan } from '../orphans/sweep-state.ts';
import { ORPHAN_KINDS } from '../orphans/verdict.ts';
import type { Exported } from './exported.ts';
import type { FieldsOf } from './requests.ts';
import { changedStatus, type SweepNow } from './sweep-now.ts';

type Request = FieldsOf<'orphans'>;

/** The orphans that a report lists, of one kind or all, in the requested order; those that changed since come last. */
export function listOrphans(sweep: SweepNow, { kind, sort = 'age' }: Request): readonly ReportedOrphan[] {
  const listed = sweep.orphans.filter((orphan) => kind === undefined || orphan.kind === kind);
  const isChanged = (orphan: ReportedOrphan) => changedStatus(sweep, orphan) !== undefined;
  const sorted = listed.toSorted(sort === 'name' ? byName : byAge);
  return [...sorted.filter((orphan) => !isChanged(orphan)), ...sorted.filter(isChanged)];
}

/** Verdicts on a whole date come first, orphans of unknown age last. */
function byAge(a: ReportedOrphan, b: ReportedOrphan): number {
  return rankOf(b) - rankOf(a) || byName(a, b);
}

function rankOf({ file_key, hours }: ReportedOrphan): number {
  return file_key === '' ? Number.MAX_VALUE : (hours ?? -1);
}

function byName(a: ReportedOrphan, b: ReportedOrphan): number {
  const [nameOfA, nameOfB] = [a, b].map(({ date_prefix, file_key }) => `${file_key} ${date_prefix}`);
  return (nameOfA ?? '') < (nameOfB ?? '') ? -1 : 1;
}

const COLUMNS = [
  'kind',
  'status',
  'hours_stuck',
  'recommended_change',
  'date_prefix',
  'file_key',
  'cause',
  'summary',
  'found_at',
];

/** The orphans that are shown, without those that changed since: whoever uses the exported list would change them again. */
export function exportedOrphans(sweep: SweepNow, request: Request): Exported {
  const kinds = ORPHAN_KINDS.filter((kind) => request.kind === undefined || kind === request.kind);
  const listed = kinds.flatMap((kind) => listOrphans(sweep, { ...request, kind }));
  const total = kinds.reduce((sum, kind) => sum + sweep.totals[kind], 0);
  const still = listed.filter((orphan) => changedStatus(sweep, orphan) === undefined);
  return {
    columns: COLUMNS,
    rows: still.map(({ hours, change, foundAt, ...orphan }) => {
      const { kind, status, date_prefix, file_key, cause, summary } = orphan;
      const record = { ...orphan, hours_stuck: hours ?? null, recommended_change: change, found_at: foundAt };
      return {
        cells: [kind, status, hours, change, date_prefix, file_key, cause, summary, foundAt],
        record,
      };
    }),
    missing: sweep.complete ? Math.max(0, total - listed.length) : 'unknown',
  };
}
