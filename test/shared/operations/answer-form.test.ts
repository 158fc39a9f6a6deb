import { expect, test } from 'vitest';
import { formed, readAnswerForm } from '../../../shared/operations/answer-form.ts';

test('plain answers are passed on as they are', () => {
  const reply = { total: 3 };
  expect(formed(reply, 'plain')).toBe(reply);
});

test('an answer that fits Lambda, but not as text within JSON, is refused with what to do', () => {
  const reply = { files: Array.from({ length: 800_000 }, () => ['"']) };
  expect(formed(reply, 'plain')).toBe(reply);
  const answer = formed(reply, 'http') as { statusCode: number; body: string };
  expect(answer.statusCode).toBe(400);
  expect(JSON.parse(answer.body)).toMatchObject({
    error: { code: 'ANSWER_TOO_LARGE', hint: expect.stringContaining('limit') },
  });
});

test('a form that is not known is refused by name', () => {
  expect(readAnswerForm('http')).toBe('http');
  expect(() => readAnswerForm('HTTP')).toThrow('ANSWER_FORM: received "HTTP", allowed: plain, http.');
});
