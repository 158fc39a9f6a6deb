import { setTimeout as sleep } from 'node:timers/promises';
import { loadRunbook } from '../../runbooks/run.ts';
import { runCommand } from '../../shared/cli/run.ts';
import { interruption, invocationOf } from './runbook.ts';

/** Runs the runbook that serves the page, opens it, and ends the runbook with Ctrl-C. @returns its output */
export async function whileServed(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  look: (url: string) => Promise<void>,
): Promise<string> {
  const { interrupt, press } = interruption();
  const { invocation, said } = invocationOf(['--port', '0', ...args], environment, { interrupt });
  let hasEnded = false;
  const ended = runCommand(await loadRunbook('page'), invocation).finally(() => {
    hasEnded = true;
  });
  try {
    const url = await addressIn(
      () => said.stderr,
      () => hasEnded,
    );
    await look(url);
  } finally {
    press();
    await ended;
  }
  return said.stderr;
}

async function addressIn(text: () => string, hasEnded: () => boolean): Promise<string> {
  for (;;) {
    const [, url] = /Page +(http:\S+)/.exec(text()) ?? [];
    if (url) return url;
    if (hasEnded()) throw new Error(`The page was not served: ${text()}`);
    await sleep(10);
  }
}
