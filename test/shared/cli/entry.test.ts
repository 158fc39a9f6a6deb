import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { isEntry } from '../../../shared/aws/process-environment.ts';
import { onInterrupt } from '../../../shared/cli/entry.ts';

function listening() {
  const process = Object.assign(new EventEmitter(), {
    exits: [] as number[],
    exit: (code: number) => void process.exits.push(code),
  });
  const time = { now: 0 };
  const emitter = process as unknown as Parameters<typeof onInterrupt>[0];
  const interrupt = onInterrupt(emitter, () => time.now);
  return { process, time, interrupt };
}

test('the first Ctrl-C lets work in progress finish, and decides the exit code', () => {
  const { process, interrupt } = listening();
  expect(interrupt.exitCode()).toBeUndefined();
  process.emit('SIGINT');
  expect(interrupt.signal.aborted).toBe(true);
  expect(interrupt.exitCode()).toBe(130);
  expect(process.exits).toEqual([]);
});

test('a Ctrl-C that a launcher passes on as well counts once; a second one ends at once', () => {
  const { process, time } = listening();
  process.emit('SIGINT');
  time.now = 300;
  process.emit('SIGINT');
  expect(process.exits).toEqual([]);
  time.now = 2_000;
  process.emit('SIGINT');
  expect(process.exits).toEqual([130]);
});

test('a module is the entry by its path, through a link, and without its ending; imported it is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'entry-'));
  const path = join(folder, 'a b.ts');
  writeFileSync(path, '');
  symlinkSync(path, join(folder, 'link.ts'));
  const { href } = pathToFileURL(path);
  const isStartedBy = (started: string | undefined) => isEntry(href, started);
  expect([path, join(folder, 'link.ts'), join(folder, 'a b')].map(isStartedBy)).toEqual([true, true, true]);
  expect([undefined, join(folder, 'other.ts'), folder].map(isStartedBy)).toEqual([false, false, false]);
  rmSync(folder, { recursive: true });
});
