import { Refused } from '../text/refused.ts';

// Attributes nest 32 levels in DynamoDB, and a request has a few of its own.
const DEEPEST = 40;
const MOST_VALUES = 200_000;
const HALF_CHARACTER = /\p{Cs}/u;

/**
 * Refuses what no operation could carry out, before any schema walks through it: thousands of levels, names that
 * JavaScript would drop silently, and text that is not valid. It needs no stack, however deep the request is.
 *
 * @throws Refused naming what was found
 */
export function checkRequestForm(request: unknown): void {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: request, depth: 0 }];
  let seen = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    seen += 1;
    if (typeof value === 'string' && HALF_CHARACTER.test(value))
      throw impossible('a text with half a character');
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= DEEPEST) throw impossible(`more than ${DEEPEST} levels of nesting`);
    if (seen > MOST_VALUES) throw impossible(`more than ${MOST_VALUES} values`);
    for (const [name, inner] of Object.entries(value)) {
      if (name === '__proto__') throw impossible('a field named "__proto__"');
      if (HALF_CHARACTER.test(name)) throw impossible('a field whose name has half a character');
      open.push({ value: inner, depth: depth + 1 });
    }
  }
}

function impossible(what: string): Refused {
  return new Refused(
    'INVALID_PAYLOAD',
    `The request: received ${what}, which cannot be stored.`,
    'Correct it and send it again. Nothing was written.',
  );
}
