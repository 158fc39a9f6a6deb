import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { onInterrupt } from '../../../shared/cli/interrupt.ts';

function listening() {
  const process = Object.assign(new EventEmitter(), {
    exits: [] as number[],
    exit: (code: number) => void process.exits.push(code),
  });
  const time = { now: 0 };
  const notes: string[] = [];
  const emitter = process as unknown as Parameters<typeof onInterrupt>[0];
  const interrupt = onInterrupt(
    emitter,
    (text) => void notes.push(text),
    () => time.now,
  );
  return { process, time, notes, interrupt };
}

test('the first Ctrl-C lets what is under way finish, and decides the exit code', () => {
  const { process, notes, interrupt } = listening();
  expect(interrupt.exitCode()).toBeUndefined();
  process.emit('SIGINT');
  expect(interrupt.signal.aborted).toBe(true);
  expect(interrupt.exitCode()).toBe(130);
  expect(notes).toHaveLength(1);
  expect(process.exits).toEqual([]);
});

test('the same Ctrl-C handed on by a launcher is none of its own; a second one ends at once', () => {
  const { process, time } = listening();
  process.emit('SIGINT');
  time.now = 300;
  process.emit('SIGINT');
  expect(process.exits).toEqual([]);
  time.now = 2_000;
  process.emit('SIGINT');
  expect(process.exits).toEqual([130]);
});
