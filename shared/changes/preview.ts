import type { RawAttributes } from '../pipeline/tracking-table.ts';
import { isoTime } from '../text/time.ts';
import type { Change, ChangeFile } from './change.ts';
import { completionReader } from './completion.ts';
import type { ChangeDeps } from './context.ts';
import { decideFile, withoutAuditAttributes } from './decide.ts';
import type { PlanEntry } from './plan.ts';

/** A change that is never made: it serves to decide what would be written, except for the audit attributes. */
export function previewChange({ tracking, now }: Pick<ChangeDeps, 'tracking' | 'now'>): Change {
  return {
    id: 'preview',
    state: 'preparing',
    actor: { identity: 'nobody', source: 'preview' },
    reason: 'preview',
    origin: 'preview',
    createdAt: isoTime(now),
    table: tracking.name,
    files: 0,
    digest: '',
  };
}

/** What an entry would do to a record, without the audit attributes of a change. */
export async function previewFile(
  deps: Pick<ChangeDeps, 'tracking' | 'now'>,
  entry: PlanEntry,
  record: RawAttributes | undefined,
): Promise<ChangeFile> {
  const completion = await completionReader(deps.tracking)(entry, record);
  return withoutMarks(decideFile(entry, record, previewChange(deps), completion));
}

/** A file without the audit attributes of a change that is never made. */
export function withoutMarks(file: ChangeFile): ChangeFile {
  return { ...file, before: withoutAuditAttributes(file.before), after: withoutAuditAttributes(file.after) };
}
