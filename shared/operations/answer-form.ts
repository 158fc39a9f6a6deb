import { field, Refused } from '../text/refused.ts';

/**
 * How the operations function answers. `plain`: the answer itself, or a refusal. `http`: like a function behind an API,
 * `{statusCode, headers, body}` with the same as JSON text, which clients of the older function read.
 */
export const ANSWER_FORMS = ['plain', 'http'] as const;
export type AnswerForm = (typeof ANSWER_FORMS)[number];

/** @throws Error naming what was received and what is allowed */
export function readAnswerForm(text: string): AnswerForm {
  const form = ANSWER_FORMS.find((known) => known === text);
  if (form) return form;
  throw new Error(`ANSWER_FORM: received "${text}", allowed: ${ANSWER_FORMS.join(', ')}.`);
}

/** An answer as an HTTP response. */
interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body: string;
}

/**
 * Gives an answer its form.
 *
 * @param reply an operation's own answer, or a refusal, which has a `statusCode`
 */
export function formed(reply: object, form: AnswerForm): object {
  if (form === 'plain') return reply;
  const answer = httpAnswer(reply);
  return sizeOf(answer) <= MOST_BYTES ? answer : httpAnswer(tooLarge(sizeOf(answer)));
}

// Lambda's limit. An answer that fits may be too large as text within JSON, where each quote takes two bytes.
const MOST_BYTES = 6_291_556;

function httpAnswer(reply: object): HttpAnswer {
  return {
    statusCode: 'statusCode' in reply && typeof reply.statusCode === 'number' ? reply.statusCode : 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(reply),
  };
}

function sizeOf(answer: HttpAnswer): number {
  return Buffer.byteLength(JSON.stringify(answer));
}

function tooLarge(bytes: number): object {
  const { statusCode, code, message, hint } = new Refused(
    'ANSWER_TOO_LARGE',
    `The answer has ${bytes} bytes in this form; the limit is ${MOST_BYTES}.`,
    `Ask for less with ${field('limit')}, and continue with next_token.`,
  );
  return { statusCode, error: { code, message, hint } };
}
