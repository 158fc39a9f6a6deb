import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import * as z from 'zod';
import type { FileRequest } from '../../shared/changes/plan-entry.ts';
import { errorText } from '../../shared/text/error-text.ts';
import { usageError } from '../../shared/text/refused.ts';

/** What a row of a list says; columns of any other name are passed over, so that lists of ours can be used. */
const row = z.object({
  date_prefix: z.string().min(1),
  file_key: z.string().min(1),
  new_status: z.string().min(1).optional(),
  expected_status: z.string().min(1).optional(),
});

/**
 * The files of a list, row by row: CSV with a heading, JSON (an array) or NDJSON, told by how it begins.
 *
 * @param path `-` is standard input
 * @param defaults for what a row does not say
 * @throws Refused naming the row that is none
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
    yield { ...parsed.data, new_status, force: defaults.force, why: `row ${number} of the list` };
  }
}

async function* rowsOf(input: Readable, path: string): AsyncGenerator<unknown, void> {
  const chunks = input.setEncoding('utf8')[Symbol.asyncIterator]();
  let head = '';
  try {
    // The first character that is no space tells the form.
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
      head += next.value;
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
  const feed = (async () => {
    for await (const chunk of text) parser.write(chunk);
    parser.end();
  })();
  feed.catch((error) => parser.destroy(error));
  try {
    yield* parser;
  } catch (error) {
    throw usageError(`--list: ${errorText(error)}.`, 'It begins like CSV with a heading.');
  }
}

async function* jsonLines(text: AsyncIterable<string>): AsyncGenerator<unknown, void> {
  let rest = '';
  let number = 0;
  const read = (line: string) => {
    number += 1;
    return line.trim() === '' ? [] : [parseJson(line, `row ${number}`)];
  };
  for await (const chunk of text) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield* read(line);
  }
  yield* read(rest);
}

async function* jsonArray(text: AsyncIterable<string>): AsyncGenerator<unknown, void> {
  let whole = '';
  for await (const chunk of text) whole += chunk;
  const rows = parseJson(whole, 'the whole');
  if (Array.isArray(rows)) yield* rows;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(
      `--list: ${where} is no JSON: ${errorText(error)}.`,
      'A list is CSV with a heading, a JSON array, or one JSON object a line.',
    );
  }
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
