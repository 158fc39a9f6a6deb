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

test('an answer that does not fit at all is refused in its plain form, too', () => {
  const reply = { files: ['x'.repeat(6_300_000)] };
  expect(formed(reply, 'plain')).toMatchObject({ statusCode: 400, error: { code: 'ANSWER_TOO_LARGE' } });
});

test.each(['plain', 'http'] as const)(
  'an answer about what was changed is never refused: without its lists, it still names the change (%s)',
  (form) => {
    const files = Array.from({ length: 800_000 }, () => ['"""""']);
    const reply = { files_restored: 800_000, files, change_id: 'c1', state: 'done' };
    const answer = formed(reply, form) as { statusCode?: number; body: string };
    const body = form === 'http' ? JSON.parse(answer.body) : answer;
    expect(body).toEqual({ files_restored: 800_000, change_id: 'c1', state: 'done', truncated: true });
    expect(answer.statusCode).toBe(form === 'http' ? 200 : undefined);
  },
);

test('a form that is not known is refused by name', () => {
  expect(readAnswerForm('http')).toBe('http');
  expect(() => readAnswerForm('HTTP')).toThrow('ANSWER_FORM: received "HTTP", allowed: plain, http.');
});
