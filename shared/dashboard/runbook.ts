import { type Html, html } from '../page-kit/html.ts';
import { shellWord } from '../text/shell-text.ts';

/** What a runbook reads from and writes to, in words as a shell takes them. */
export interface CommandEnds {
  /** A command whose answer it reads. */
  readonly from?: readonly string[];
  /** The file that its answer is written to. */
  readonly into?: string;
}

/** The command line of a runbook, for copying: a click selects all of it. */
export function runbookCommand(
  environment: string,
  name: string,
  args: readonly string[] = [],
  { from, into }: CommandEnds = {},
): Html {
  const words = [
    ...(from ? [...from, '|'] : []),
    ...['npx', 'tsx', `runbooks/${name}.ts`, ...[...args, '--env', environment].map(shellWord)],
    ...(into === undefined ? [] : ['>', shellWord(into)]),
  ];
  // A line breaks between words, and never within `--date`.
  const line = words.map((word, i) => html`${i > 0 && ' '}<span>${word}</span>`);
  return html`<code class="sm-command" title="Click to select">${line}</code>`;
}
