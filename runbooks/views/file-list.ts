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
import { usageError } from '../../shared/text/refused.ts';
import { cutTo } from '../../shared/text/visible-text.ts';

const toldText = z.union([z.string(), z.number()]).transform(String).optional();

/** The fields of a row; columns of any other name are ignored, so that our own lists can be used. */
const row = z.object({
  date_prefix: z
    .string()
    .regex(
      DATE_FORM,
      'date_prefix must have the form YYYY-MM-DD; a spreadsheet rewrites dates unless the column is text',
    ),
  file_key: z.string().min(1),
  new_status: z.string().min(1).optional(),
  expected_status: z.string().min(1).optional(),
  expected_version: fileChange.shape.expected_version,
  /** Why the file is in the list, as our own lists have it. */
  cause: toldText,
  class: toldText,
  summary: toldText,
});

const LONGEST_WHY = 500;

/**
 * The files of a list, row by row: CSV with a header row, JSON (an array) or NDJSON, recognised by how it begins.
 *
 * @param path `-` is standard input
 * @param defaults for what a row does not say
 * @throws Refused naming the row that is not valid
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
    if (!parsed.success) throw badRow(number, z.prettifyError(parsed.error));
    const new_status = parsed.data.new_status ?? defaults.new_status;
    if (!new_status) throw badRow(number, 'it names no new_status, and --new-status is missing');
    const { cause, class: errorClass, summary, ...request } = parsed.data;
    const told = [cause, errorClass, summary].filter(Boolean).join(': ');
    const why = [cutTo(told, LONGEST_WHY), `row ${number} of the list`].filter(Boolean).join('; ');
    yield { ...request, new_status, force: defaults.force, why: cutTo(why, LONGEST_WHY) };
  }
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

function badRow(number: number, problem: string) {
  return usageError(
    `--list: row ${number}: ${problem.replace(/\s+/g, ' ')}.`,
    'Each row needs date_prefix, and file_key or another spelling of the name. Nothing was written.',
  );
}
