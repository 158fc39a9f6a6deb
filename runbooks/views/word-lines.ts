import { lastDayOf } from '../../shared/reports/acknowledgements.ts';
import type { Words } from '../../shared/reports/notes.ts';
import { utcText } from '../../shared/text/time-text.ts';

/** A line for each, after an empty one. */
export function wordLines({ notes = [], acknowledgements = [] }: Words): string[] {
  const lines = [
    ...acknowledgements.map(
      ({ kind, until, reason, actor }) =>
        `known${kind === undefined ? '' : ` (${kind})`} until ${lastDayOf({ until })}, acknowledged by ${actor}: ${reason}`,
    ),
    ...notes.map(({ text, actor, at }) => `note by ${actor} at ${utcText(at)}: ${text}`),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}
