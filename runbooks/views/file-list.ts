import { createReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import * as z from 'zod';
import type { FileRequest } from '../../shared/changes/plan-entry.ts';
import { linesOf } from '../../shared/flow/lines.ts';
import { fileChange } from '../../shared/operations/inputs.ts';
import { DATE_FORM } from '../../shared/pipeline/names.ts';
import { withoutFormulaGuard } from '../../shared/text/csv.ts';
import { errorText } from '../../shared/text/error-text.ts';
import { Refused, usageError } from '../../shared/text/refused.ts';
import { shortened, visibleText } from '../../shared/text/visible-text.ts';

const toldText = z.union([z.string(), z.number()]).transform(String).optional();

/** The fields of a row; columns of any other name are ignored, so that our own lists can be used. */
const row = z.object({
  date_prefix: z.string().regex(DATE_FORM),
  file_key: z.string().min(1),
  new_status: fileChange.shape.new_status.optional(),
  expected_status: z.string().min(1).optional(),
  expected_version: fileChange.shape.expected_version,
  /** Why the file is in the list, as our own lists have it. */
  cause: toldText,
  class: toldText,
  summary: toldText,
});

/** What the fields hold, to follow "allowed:". */
const ALLOWED: Readonly<Record<string, string>> = {
  date_prefix: 'a date as YYYY-MM-DD; a spreadsheet rewrites dates unless the column is text',
  file_key: 'the name of a file',
  new_status: 'a status of up to 64 characters, without shard suffix and spaces',
  expected_status: 'a status',
  expected_version: 'a version as returned by get_file_state',
};
const COLUMNS = Object.keys(ALLOWED).join(', ');
const NEEDED = ['date_prefix', 'file_key'] as const;

const LONGEST_WHY = 500;
const LONGEST_RECEIVED = 200;

/**
 * The files of a list, row by row: CSV with a header row, JSON (an array) or NDJSON, recognised by how it begins.
 *
 * @param path `-` is standard input
 * @param defaults for what a row does not say
 * @throws Refused naming the row that is not valid, or when there is none
 */
export async function* readFileList(
  path: string,
  stdin: Readable,
  defaults: { readonly new_status?: string | undefined; readonly force: boolean },
): AsyncGenerator<FileRequest, void> {
  let number = 0;
  for await (const value of rowsOf(path === '-' ? stdin : createReadStream(path), path)) {
    number += 1;
    const parsed = row.safeParse(withoutEmpty(value));
    if (!parsed.success) throw badRow(number, problemOf(value, parsed.error));
    const new_status = parsed.data.new_status ?? defaults.new_status;
    if (!new_status) throw badRow(number, 'it names no new_status, and --new-status is missing');
    const { cause, class: errorClass, summary, ...request } = parsed.data;
    const told = [cause, errorClass, summary].filter(Boolean).join(': ');
    const place = `row ${number} of the list`;
    // The place leads back to the row, so the rest makes room for it.
    const why = [shortened(told, LONGEST_WHY - place.length - 2), place].filter(Boolean).join('; ');
    yield { ...request, new_status, force: defaults.force, why };
  }
  if (number === 0) throw emptyList();
}

async function* rowsOf(input: Readable, path: string): AsyncGenerator<unknown, void> {
  const chunks = input.setEncoding('utf8')[Symbol.asyncIterator]();
  let head = '';
  try {
    // The first character that is not a space shows the form.
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      // Windows programs mark text by a byte order mark, which no JSON may begin with.
      head = (head + next.value).replace(/^\uFEFF/, '');
      if (head.trim() !== '') break;
    }
  } catch (error) {
    const reason = errorText(error);
    throw usageError(
      `--list: ${reason}.`,
      `Name a file that can be read, or - for standard input, not ${path}.`,
    );
  }
  async function* text() {
    yield head;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield String(next.value);
  }
  const first = head.trimStart().at(0);
  if (first === '[') yield* jsonArray(text());
  else if (first === '{') yield* jsonLines(text());
  else yield* csvRows(text());
}

async function* csvRows(text: AsyncIterable<string>): AsyncGenerator<unknown, void> {
  const parser = parse({ columns: true, bom: true, trim: true, skip_empty_lines: true });
  // It reads no faster than rows are taken. A fault of the text reaches the parser, and so the loop below.
  pipeline(Readable.from(text), parser, () => undefined);
  try {
    for await (const cells of parser) yield withoutGuards(cells);
  } catch (error) {
    throw usageError(`--list: ${errorText(error)}.`, 'It looks like CSV with a header row.');
  }
}

async function* jsonLines(text: AsyncIterable<string>): AsyncGenerator<unknown, void> {
  let number = 0;
  for await (const line of linesOf(text)) {
    number += 1;
    if (line.trim() !== '') yield parseJson(line, `row ${number}`);
  }
}

async function* jsonArray(text: AsyncIterable<string>): AsyncGenerator<unknown, void> {
  let whole = '';
  for await (const chunk of text) whole += chunk;
  const rows = parseJson(whole, 'the list');
  if (Array.isArray(rows)) yield* rows;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(
      `--list: ${where} is not JSON: ${errorText(error)}.`,
      'A list is CSV with a header row, a JSON array, or one JSON object per line.',
    );
  }
}

/** Our own CSV has an apostrophe before what a spreadsheet would take for a formula. */
function withoutGuards(cells: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, withoutFormulaGuard(cell)]));
}

/** An empty cell of CSV says nothing. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, cell]) => cell !== ''));
}

/** An empty list is what a search leaves that found nothing, or that failed. */
function emptyList() {
  return new Refused(
    'EMPTY_SELECTION',
    '--list: received a list without rows, allowed: at least one row. Nothing was written.',
    'Check the command that made the list, or leave this one out if there is nothing to change.',
  );
}

/** What is wrong with a row: what was received, and what is allowed. */
function problemOf(value: unknown, { issues }: z.ZodError): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `received ${received(value)}, allowed: an object with ${COLUMNS}`;
  const given = new Map<string, unknown>(Object.entries(value));
  if (NEEDED.some((name) => !given.has(name)))
    return `received the columns ${shortened([...given.keys()].join(', '), LONGEST_RECEIVED) || '(none)'}, allowed: ${COLUMNS}`;
  const name = String(issues[0]?.path[0]);
  return `${name}: received ${received(given.get(name))}, allowed: ${ALLOWED[name] ?? 'a text or a number'}`;
}

function received(value: unknown): string {
  return value === '' || value === undefined ? 'nothing' : shortened(JSON.stringify(value), LONGEST_RECEIVED);
}

function badRow(number: number, problem: string) {
  return usageError(
    `--list: row ${number}: ${visibleText(problem)}.`,
    'Each row needs date_prefix, and file_key or another spelling of the name. Nothing was written.',
  );
}
