import type { Change, ChangeFile } from '../changes/change.ts';
import type { PlanEntry } from '../changes/plan.ts';
import { parseStatus } from '../pipeline/status.ts';
import { rawText } from '../pipeline/tracking-table.ts';
import { ageText, utcText } from '../text/time-text.ts';
import { paintStatus } from './paint.ts';
import { type Column, countColumn } from './table.ts';

/** What a plan would do, file by file. */
export const PLAN_COLUMNS: Column<PlanEntry>[] = [
  {
    name: 'status',
    value: ({ expected }) => parseStatus(expected.status).status,
    paint: ({ expected }, text, paint) => paintStatus(paint, parseStatus(expected.status).status, text),
  },
  {
    name: 'new_status',
    title: 'to',
    value: ({ new_status }) => new_status,
    paint: ({ new_status }, text, paint) => paintStatus(paint, new_status, text),
  },
  { name: 'date_prefix', title: 'date', value: ({ date_prefix }) => date_prefix, spare: 2 },
  { name: 'file_key', title: 'file', value: ({ file_key }) => file_key, shorten: true },
  { name: 'forced', value: ({ forced }) => (forced ? 'forced' : ''), spare: 3 },
  { name: 'why', value: ({ why }) => why, spare: 1 },
];

/** What became of the files of a change. */
export const RESULT_COLUMNS: Column<ChangeFile>[] = [
  {
    name: 'result',
    value: ({ result }) => result?.kind ?? 'planned',
    paint: ({ result }, text, paint) =>
      paint(result?.kind === 'applied' || !result ? 'good' : 'warning', text),
  },
  { name: 'status', value: ({ before }) => statusIn(before) },
  { name: 'new_status', title: 'to', value: ({ after }) => statusIn(after) },
  { name: 'date_prefix', title: 'date', value: ({ key }) => key.date_prefix, spare: 2 },
  { name: 'file_key', title: 'file', value: ({ key }) => key.file_key, shorten: true },
  { name: 'detail', value: detailOf },
  { name: 'why', value: ({ why }) => why, spare: 1 },
];

/** Changes, the newest first. */
export function changeColumns(now: number): Column<Change>[] {
  return [
    { name: 'change_id', title: 'change', value: ({ id }) => id },
    { name: 'state', value: ({ state }) => state },
    countColumn('files', ({ files }) => files),
    countColumn('applied', ({ counts }) => counts?.applied),
    countColumn('skipped', ({ counts }) => counts?.skipped),
    countColumn('failed', ({ counts }) => counts?.failed),
    { name: 'created_at', title: 'made', value: ({ createdAt }) => createdAt, text: madeAt, spare: 2 },
    {
      name: 'age',
      value: () => undefined,
      text: ({ createdAt }) => ageText(createdAt, now),
      align: 'right',
      only: 'table',
    },
    { name: 'origin', value: ({ origin }) => origin, spare: 3 },
    { name: 'undoes', value: ({ undoes }) => undoes, spare: 4 },
    { name: 'actor', value: ({ actor }) => actor.identity, shorten: true, spare: 1 },
    { name: 'reason', value: ({ reason }) => reason },
  ];
}

function madeAt({ createdAt }: Change): string {
  return utcText(createdAt);
}

function statusIn(attributes: ChangeFile['before']): string {
  const stored = rawText(attributes, 'status');
  return stored === undefined ? '' : parseStatus(stored).status;
}

/** What a file had become that was skipped, and what went wrong with one that failed. */
function detailOf({ result }: ChangeFile): string {
  if (result?.kind === 'failed') return result.error;
  if (result?.kind !== 'skipped') return '';
  return result.became ? `is ${result.became.status} now` : 'its record is gone';
}
