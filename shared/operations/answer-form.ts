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
 * Gives an answer its form. One that is too large for Lambda becomes a refusal; but where something was changed, it
 * loses its lists instead, which `get_change` has.
 *
 * @param reply an operation's own answer, or a refusal, which has a `statusCode`
 */
export function formed(reply: object, form: AnswerForm): object {
  const inForm = form === 'plain' ? (plain: object) => plain : httpAnswer;
  const whole = inForm(reply);
  const bytes = Buffer.byteLength(JSON.stringify(whole));
  if (bytes <= MOST_BYTES) return whole;
  return inForm('change_id' in reply ? withoutLists(reply) : tooLarge(bytes));
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

function withoutLists(reply: object): object {
  const rest = Object.entries(reply).filter(([, value]) => !Array.isArray(value));
  return { ...Object.fromEntries(rest), truncated: true };
}

function tooLarge(bytes: number): object {
  const { statusCode, code, message, hint } = new Refused(
    'ANSWER_TOO_LARGE',
    `The answer has ${bytes} bytes in this form; the limit is ${MOST_BYTES}.`,
    `Ask for less with ${field('limit')}, and continue with next_token.`,
  );
  return { statusCode, error: { code, message, hint } };
}
