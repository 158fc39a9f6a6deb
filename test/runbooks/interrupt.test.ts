import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ending, startInTerminal } from '../support/runbook.ts';

const BUSY = 'test/fixtures/busy-runbook.ts';

test.each([
  ['npx tsx', ['npx', 'tsx', BUSY]],
  ['tsx', ['node_modules/.bin/tsx', BUSY]],
  ['node --import tsx', ['node', '--import', 'tsx', BUSY]],
])('%s: Ctrl-C in the middle of 200 ms of work lets it be finished and told of', async (_, line) => {
  const child = startInTerminal(line, {});
  let pressed = false;
  child.stderr.on('data', (text: Buffer) => {
    if (pressed || !text.includes('At work.') || child.pid === undefined) return;
    pressed = true;
    // To all processes of the group, as a terminal does.
    process.kill(-child.pid, 'SIGINT');
  });
  const { code, signal, stderr } = await ending(child);
  expect(stderr).toContain('Stopping after work in progress');
  expect(stderr).toMatch(/Finished \d+ pieces of work\.\n$/);
  // npx is ended by the signal itself, which shells also report as 130.
  expect(code ?? signal).toBe(line[0] === 'npx' ? 'SIGINT' : 130);
});

test('no npm script has a process of tsx above its own', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  expect(Object.values(scripts).filter((script) => /(^|&& )tsx /.test(script))).toEqual([]);
});
