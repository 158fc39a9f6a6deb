import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Refused, usageError } from '../text/refused.ts';
import type { WriteValues } from './flags.ts';
import type { Target } from './target.ts';
import type { InputStream, OutputStream } from './terminal.ts';

/** A terminal to ask a person on. */
export interface Terminal {
  readonly input: InputStream;
  readonly output: OutputStream;
}

/** Whether the command line has confirmed a write, or a person has to be asked. */
export type Consent = 'given' | 'to be asked';

/**
 * Decides this before anything is read, so that nobody waits for a plan that cannot be applied then.
 *
 * @throws Refused when the write has no reason, or nobody can be asked
 */
export function consentOf(flags: WriteValues, target: Target, canAsk: boolean): Consent {
  const { reason, yes, confirm } = flags;
  if (!reason?.trim()) {
    throw usageError(
      '--reason: received nothing, allowed: any text that says why.',
      "For example: --reason 'builder died'.",
    );
  }
  if (confirm !== undefined || target.production) return confirmed(confirm, target);
  if (yes) return 'given';
  if (canAsk) return 'to be asked';
  throw new Refused(
    'NOT_CONFIRMED',
    'Not a terminal: pass --yes to confirm. Nothing was written.',
    'If you are sure, add --yes.',
  );
}

/** In production the question is too easily answered. */
function confirmed(confirm: string | undefined, { trackingTable }: Target): Consent {
  if (confirm === trackingTable) return 'given';
  const problem =
    confirm === undefined
      ? 'This is production, and --confirm is missing.'
      : `--confirm: received "${confirm}", allowed: the name of the table, ${trackingTable}.`;
  throw new Refused(
    'NOT_CONFIRMED',
    `${problem} Nothing was written.`,
    `If you are sure, add --confirm ${trackingTable}.`,
  );
}

/**
 * Asks a person once.
 *
 * @param what completes "… in table T?", such as `Clear 3 locks`
 * @throws Refused when the answer is anything but yes
 */
export async function askConsent(
  what: string,
  { trackingTable, environment }: Target,
  terminal: Terminal,
  interrupted: AbortSignal,
): Promise<void> {
  const answer = await askOnce(
    `${what} in table ${trackingTable} (${environment})? [y/N] `,
    terminal,
    interrupted,
  );
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new Refused('NOT_CONFIRMED', 'Cancelled: nothing was written.', 'Answer y to continue.');
}

/** Left in its usual mode, the terminal sends Ctrl-C to the process, where it has its usual meaning. */
async function askOnce(question: string, terminal: Terminal, interrupted: AbortSignal): Promise<string> {
  const lines = createInterface({ ...terminal, terminal: false });
  const ended = once(lines, 'close').then(() => '');
  const answered = lines.question(question, { signal: interrupted }).catch(() => '');
  const answer = await Promise.race([answered, ended]);
  lines.close();
  if (answer === '') terminal.output.write('\n');
  return answer;
}
