import { isDeepStrictEqual } from 'node:util';
import { parseStatus } from '../../shared/pipeline/status.ts';
import { type RawAttributes, rawText } from '../../shared/pipeline/tracking-table.ts';
import { unmarked } from '../support/changes.ts';

type Records = Readonly<Record<string, RawAttributes>>;

/** The statuses of the records that differ in any way; undefined for a record that is gone. */
export function statusChanges(before: Records, after: Records): Record<string, string | undefined> {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
  return Object.fromEntries(changed.map((name) => [name, statusOf(after[name])]));
}

/** Records without audit attributes, except the records with these names. */
export function unmarkedBut(names: readonly string[], records: Records): Records {
  return unmarked(Object.fromEntries(Object.entries(records).filter(([name]) => !names.includes(name))));
}

function statusOf(record: RawAttributes | undefined): string | undefined {
  return record && parseStatus(rawText(record, 'status')).status;
}
