import { setImmediate as macrotask } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { interleave } from '../../../shared/flow/interleave.ts';

const unhandled = vi.fn();

afterEach(() => {
  process.off('unhandledRejection', unhandled);
});

async function* items(...given: readonly string[]): AsyncGenerator<string, void> {
  yield* given;
}

test('a sequence that fails while the caller is busy with its last item fails the whole, and is not unhandled', async () => {
  process.on('unhandledRejection', unhandled);
  const slower = new Error('SlowDown');
  async function* failing(): AsyncGenerator<string, void> {
    yield 'a';
    throw slower;
  }
  const seen: string[] = [];
  const all = async () => {
    for await (const item of interleave([failing(), items('b')], 2)) {
      seen.push(item);
      for (let i = 0; i < 3; i++) await macrotask();
    }
  };
  await expect(all()).rejects.toBe(slower);
  expect(seen).toContain('a');
  expect(unhandled).not.toHaveBeenCalled();
});

test('all items arrive, with no more sequences at once than allowed', async () => {
  let open = 0;
  let most = 0;
  async function* counted(name: string): AsyncGenerator<string, void> {
    most = Math.max(most, ++open);
    await macrotask();
    yield* items(`${name}1`, `${name}2`);
    open--;
  }
  const seen: string[] = [];
  for await (const item of interleave(['a', 'b', 'c'].map(counted), 2)) seen.push(item);
  expect(seen.sort()).toEqual(['a1', 'a2', 'b1', 'b2', 'c1', 'c2']);
  expect(most).toBe(2);
});
