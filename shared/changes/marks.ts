import { type RawAttributes, rawText } from '../files/raw-record.ts';
import { CHANGE_ATTRIBUTES } from '../files/record.ts';
import type { Change } from './change.ts';

// The audit keeps the whole reason; every write of the pipeline pays for what its record carries.
const LONGEST_REASON = 200;

const MARKS: ReadonlySet<string> = new Set(Object.values(CHANGE_ATTRIBUTES));

/** What a change leaves on every record it writes: the stream carries it into the timeline. */
export function marksOf({ id, actor, reason, createdAt }: Change): RawAttributes {
  return {
    [CHANGE_ATTRIBUTES.id]: { S: id },
    [CHANGE_ATTRIBUTES.actor]: { S: actor.identity },
    [CHANGE_ATTRIBUTES.reason]: { S: reason.slice(0, LONGEST_REASON) },
    [CHANGE_ATTRIBUTES.time]: { S: createdAt },
  };
}

/** The last change that wrote a record. */
export function markedChange(record: RawAttributes | undefined): string | undefined {
  return rawText(record, CHANGE_ATTRIBUTES.id);
}

export function withoutMarks(attributes: RawAttributes): RawAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !MARKS.has(name)));
}
