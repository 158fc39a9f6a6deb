import { createHash } from 'node:crypto';
import * as z from 'zod';
import { countOf } from '../text/number-text.ts';
import { Refused } from '../text/refused.ts';
import { entryLine, type Plan, type PlanEntry, type PlanHeader } from './plan.ts';
import { ageInHours, checkEntry, checkHeader, invalidLine, type PlanReading } from './plan-checks.ts';

// A saved plan is NDJSON: its header, one line for each file, and the number of files, which shows that
// nothing was cut off. So it can be written and read at any size, and searched with jq or grep.
const planEnd = z.strictObject({ files: z.int().min(0) });

/** The lines of a plan to save, one for each file as it comes. */
export async function* planLines(
  header: PlanHeader,
  entries: Iterable<PlanEntry> | AsyncIterable<PlanEntry>,
): AsyncGenerator<string, void> {
  yield `${JSON.stringify(header)}\n`;
  let files = 0;
  for await (const entry of entries) {
    files += 1;
    yield entryLine(entry);
  }
  yield `${JSON.stringify({ files })}\n`;
}

/** A plan of up to this many files is held, some megabytes; a longer one is read again for its entries. */
const MOST_HELD = 1_000;

/** Of a longer one, a digest is kept after each so many files, so that none of a replaced plan is passed on. */
const FILES_PER_MARK = 500;

/**
 * Reads a saved plan and checks every line of it. Lines may be removed by hand if the number at the end is corrected;
 * nothing else of a plan is meant to be edited.
 *
 * @param readLines reads it from the first line on, each time it is called; without line ends
 * @throws Refused when it is not a plan, of another version, for another table, or too old
 */
export async function readPlan(
  readLines: () => AsyncIterable<string>,
  reading: PlanReading,
): Promise<Plan & { readonly ageHours: number }> {
  const hash = createHash('sha256');
  const held: PlanEntry[] = [];
  const marks: string[] = [];
  let header: PlanHeader | undefined;
  let files = 0;
  let forced = 0;
  for await (const { value, number } of checkedLines(readLines())) {
    if (number === 1) header = checkHeader(value, reading);
    else if (isEnd(value)) checkEnd(value, files, number);
    else {
      const entry = checkEntry(value, number);
      hash.update(entryLine(entry));
      files += 1;
      if (entry.forced) forced += 1;
      if (files <= MOST_HELD) held.push(entry);
      if (files % FILES_PER_MARK === 0) marks.push(hash.copy().digest('hex'));
    }
  }
  if (!header) throw invalidLine(1, 'the plan is empty');
  const digest = hash.digest('hex');
  return {
    header,
    files,
    forced,
    digest,
    entries: (from = 0) =>
      files <= MOST_HELD ? held.slice(from) : entriesOf(readLines, [...marks, digest], from),
    ageHours: ageInHours(header, reading.now),
  };
}

interface Line {
  readonly value: unknown;
  /** From 1. */
  readonly number: number;
}

/** Parsed lines, of which the last one, and only the last, is the end of a plan. */
async function* checkedLines(lines: AsyncIterable<string>): AsyncGenerator<Line, void> {
  let number = 0;
  let ended = false;
  for await (const line of lines) {
    number += 1;
    if (ended && line.trim() !== '') throw invalidLine(number, 'something follows the end of the plan');
    if (ended) continue;
    // An editor may have put a byte order mark before the first line.
    const value = parseJson(number === 1 ? line.replace(/^\uFEFF/, '') : line, number);
    ended = isEnd(value);
    yield { value, number };
  }
  if (!ended) throw invalidLine(number, 'the plan ends here, without the line that has its number of files');
}

/**
 * @param marks the digests after each `FILES_PER_MARK` files, and of all
 * @throws Refused when the next entries are not those that were checked: somebody has replaced the plan
 */
async function* entriesOf(
  readLines: () => AsyncIterable<string>,
  marks: readonly string[],
  from: number,
): AsyncGenerator<PlanEntry, void> {
  const hash = createHash('sha256');
  const entries: PlanEntry[] = [];
  let files = 0;
  for await (const { value, number } of checkedLines(readLines())) {
    if (number === 1 || isEnd(value)) continue;
    const entry = checkEntry(value, number);
    hash.update(entryLine(entry));
    files += 1;
    if (files > from) entries.push(entry);
    if (files % FILES_PER_MARK !== 0) continue;
    if (hash.copy().digest('hex') !== marks[files / FILES_PER_MARK - 1]) throw replaced();
    yield* entries.splice(0);
  }
  if (hash.digest('hex') !== marks.at(-1)) throw replaced();
  yield* entries;
}

function replaced(): Refused {
  return new Refused(
    'OTHER_PLAN',
    'The plan was replaced after it was checked. No file was changed.',
    'Review it, and run the command again.',
  );
}

function parseJson(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw invalidLine(number, 'it is not JSON');
  }
}

function isEnd(value: unknown): boolean {
  return planEnd.safeParse(value).success;
}

function checkEnd(value: unknown, files: number, number: number): void {
  const { files: announced } = planEnd.parse(value);
  if (announced === files) return;
  throw invalidLine(number, `it announces ${countOf(announced, 'file')}, but the plan has ${files}`);
}
