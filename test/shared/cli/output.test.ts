import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sinkOf } from '../../../shared/cli/output.ts';

function reader(take: (text: string, done: (error?: Error) => void) => void) {
  const stream = new Writable({
    decodeStrings: false,
    highWaterMark: 10,
    write: (chunk, _encoding, done) => take(String(chunk), done),
  });
  return sinkOf(stream);
}

test('small pieces are handed on together, as soon as the process waits', async () => {
  const taken: string[] = [];
  const sink = reader((text, done) => {
    taken.push(text);
    done();
  });
  await sink.write('a');
  await sink.write('b');
  expect(taken).toEqual([]);
  await turn();
  expect(taken).toEqual(['ab']);
});

test('a slow reader is waited for', async () => {
  let release = () => {};
  const sink = reader((_text, done) => {
    release = done;
  });
  let written = false;
  const writing = sink.write('x'.repeat(100_000)).then(() => {
    written = true;
  });
  await turn();
  expect(written).toBe(false);
  release();
  await writing;
});

test('a reader that is gone is not an error: it is reported, and nothing waits for it', async () => {
  const sink = reader((_text, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })));
  await sink.write('x'.repeat(100_000));
  await turn();
  expect(sink.closed.aborted).toBe(true);
  await sink.write('more');
  await sink.flush();
});
