import { incompleteListing, type KnownSuffixes } from '../pipeline/status-index.ts';
import type { RunContext } from './command.ts';

/** Says that a listing by status lacks something, where it does. */
export function noteIncomplete({ note }: Pick<RunContext, 'note'>, suffixes: KnownSuffixes): void {
  const sentence = incompleteListing(suffixes);
  if (sentence) note(sentence);
}
