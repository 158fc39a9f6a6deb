import { incompleteListing, type KnownSuffixes } from '../pipeline/status-index.ts';
import type { RunContext } from './command.ts';

/** Says so where a listing by status is incomplete. */
export function noteIncomplete({ note }: Pick<RunContext, 'note'>, suffixes: KnownSuffixes): void {
  const sentence = incompleteListing(suffixes);
  if (sentence) note(sentence);
}
