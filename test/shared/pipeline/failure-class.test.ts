import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createRandom } from '../../../infra/simulator/random.ts';
import { CLASS_ID, failureClass, NO_ERROR_TEXT } from '../../../shared/pipeline/failure-class.ts';
import { failureText } from '../../support/failure-texts.ts';

const recorded = readFileSync(new URL('../../fixtures/failure-texts.ndjson', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as { cause: string; error_message: string });

/** Which causes each class has, and which classes each cause. */
function grouped(texts: readonly { readonly cause: string; readonly text: string }[]) {
  const pairs = new Set(texts.map(({ cause, text }) => `${failureClass(text).id} ${cause}`));
  return {
    pairs: pairs.size,
    classes: new Set([...pairs].map((pair) => pair.split(' ')[0])).size,
    causes: new Set([...pairs].map((pair) => pair.split(' ')[1])).size,
  };
}

test('the texts of a real pipeline fall into one class for each of their twelve causes', () => {
  const texts = recorded.map(({ cause, error_message }) => ({ cause, text: error_message }));
  expect(grouped(texts)).toEqual({ pairs: 12, classes: 12, causes: 12 });
});

test.each([1, 2, 3])('forty causes in many spellings fall into forty classes, seed %i', (seed) => {
  const random = createRandom(seed);
  const texts = Array.from({ length: 4_000 }, (_, index) => failureText(index, random));
  expect(grouped(texts)).toEqual({ pairs: 40, classes: 40, causes: 40 });
});

test.each([
  [
    '{Error=States.TaskFailed, Cause={"ErrorMessage":"An error occurred while calling o98.json. Path does not exist: s3://in/2026-11-19/a.ndjson","Id":"jr_1"}}',
    'path-does-not-exist-1-e812c1',
    'Path does not exist: <uri>',
  ],
  ['{Error=States.Timeout, Cause=}', 'states-timeout-1-edd6e2', 'States.Timeout'],
  [
    'Command failed with exit code 137',
    'command-failed-exit-code-137-1-c69ce8',
    'Command failed with exit code 137',
  ],
  [
    'java.io.IOException: No space left on device: /tmp/blockmgr-ad15185c/dc/shuffle_9_2_0.data',
    'ioexception-no-space-left-on-1-058c60',
    'java.io.IOException: No space left on device: <path>',
  ],
  [
    '{"errorType":"TimeoutError","errorMessage":"RequestId: 5f2b Task timed out after 900.03 seconds"}',
    'task-timed-out-after-seconds-1-c80783',
    'Task timed out after <n> seconds',
  ],
])('the class of %j', (text, id, words) => {
  expect(failureClass(text)).toEqual({ id, text: words });
});

test('quoted names, times, lists and numbers, however spelled, do not distinguish classes', () => {
  const one = failureClass(`can't read "a b" at 2026-11-26T10:00:00Z: [1, 2], 1,024 of 5.5 MB`);
  const other = failureClass(`can't read "c" at 2025-01-01 09:59:59.123+02:00: [7], 3 of 99.125 MB`);
  expect(other).toEqual(one);
  expect(one.text).toBe(`can't read <name> at <time>: […], <n> of <n> MB`);
});

test('a text that is cut off anywhere after its first 160 reduced characters has the same class', () => {
  const { text } = failureText(0, createRandom(5));
  const long = `${text.slice(0, -2)} ${'and more of the same '.repeat(40)}`;
  const ids = [600, 700, 777, 900, 1_000].map((end) => failureClass(long.slice(0, end)).id);
  expect(new Set(ids).size).toBe(1);
});

test.each([[undefined], [null], [''], ['   \n '], ['{Error=, Cause=}']])('%j says nothing', (text) => {
  expect(failureClass(text).text).toBe(NO_ERROR_TEXT);
});

test.each([
  [{ code: 7 }],
  [12],
  [true],
  [['a', 'b']],
  ['x'.repeat(400_000)],
  ['"'.repeat(10_000)],
  ['/'.repeat(10_000)],
  ['\u0000\u202e{{}}'],
  ['пример ошибки 7'],
])('any other value has a class of the documented form', (text) => {
  expect(failureClass(text).id).toMatch(CLASS_ID);
  expect(failureClass(text).text.length).toBeLessThanOrEqual(170);
});

test('a class is not cut within a character', () => {
  const { text } = failureClass(`${'no,'.repeat(53)}\u{1f680}${'x'.repeat(9)}`);
  expect(text).toBe(`${'no,'.repeat(53)} …`);
});
