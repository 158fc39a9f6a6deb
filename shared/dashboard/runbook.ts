import { type Content, type Html, html } from '../page-kit/html.ts';
import { shellWord } from '../text/shell-text.ts';

/** What a runbook's input is piped from, and where its output goes, in shell words. */
export interface CommandEnds {
  /** A command whose output it reads. */
  readonly from?: readonly string[];
  /** The file that its output is written to. */
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
  // A line may break between words, but never within `--date`.
  const line = words.map((word, i) => html`${i > 0 && ' '}<span>${word}</span>`);
  return commandLine(line);
}

/** Any command, for copying. */
export function commandLine(line: Content): Html {
  return html`<code class="sm-command" title="Click to select">${line}</code>`;
}
