import type { Change } from '../changes/change.ts';
import { listChanges } from '../changes/change-table.ts';
import { pages } from '../flow/pages.ts';
import { type ShownChange, shownChange } from '../operations/change-requests.ts';
import { ageText, utcText } from '../text/time-text.ts';
import type { RunContext } from './command.ts';
import { type Column, countColumn } from './table.ts';

/** All changes in the order of their ids, the newest first, page by page; a stored plan's change has the plan's id. */
export async function* eachChange({
  projection,
}: Pick<RunContext['deps'], 'projection'>): AsyncGenerator<Change> {
  const load = (after: string | undefined) => listChanges(projection, 100, after);
  for await (const page of pages(load)) yield* page.changes;
}

/** Changes as the operations show them. */
export async function* shownChanges(changes: AsyncIterable<Change>): AsyncGenerator<ShownChange> {
  for await (const change of changes) yield shownChange(change);
}

/** How a list shows changes. */
export function changeColumns(now: number): Column<ShownChange>[] {
  return [
    { name: 'change_id', title: 'change', value: ({ change_id }) => change_id },
    { name: 'state', value: ({ state }) => state },
    countColumn('files', ({ files }) => files),
    { ...countColumn<ShownChange>('applied', ({ counts }) => counts?.applied), priority: 1 },
    { ...countColumn<ShownChange>('skipped', ({ counts }) => counts?.skipped), priority: 2 },
    { ...countColumn<ShownChange>('failed', ({ counts }) => counts?.failed), priority: 2 },
    { name: 'created_at', title: 'made', value: ({ created_at }) => created_at, text: madeAt, priority: 3 },
    {
      name: 'age',
      value: () => undefined,
      text: ({ created_at }) => ageText(created_at, now),
      align: 'right',
      only: 'table',
    },
    // Without these two, a note, an acknowledgement and an undo look alike.
    { name: 'origin', value: ({ origin }) => origin },
    {
      name: 'undoes',
      value: ({ undoes }) => undoes,
      text: ({ undoes }) => (undoes === undefined ? '' : `undoes ${undoes}`),
      whole: true,
    },
    {
      name: 'actor',
      title: 'who',
      value: ({ actor }) => actor.identity,
      text: ({ actor }) => shortIdentity(actor.identity),
    },
    { name: 'reason', value: ({ reason }) => reason, whole: true },
  ];
}

/**
 * Who it was, without the account and role before it: `alice` of `arn:aws:sts::123456789012:assumed-role/ops/alice`.
 */
function shortIdentity(identity: string): string {
  return identity.startsWith('arn:') ? identity.slice(identity.lastIndexOf('/') + 1) : identity;
}

function madeAt({ created_at }: ShownChange): string {
  return utcText(created_at);
}
