import { type Html, html } from '../page-kit/html.ts';
import { shellWord } from '../text/shell-text.ts';

/** The command line of a runbook, for copying: a click selects all of it. */
export function runbookCommand(environment: string, name: string, args: readonly string[] = []): Html {
  const words = ['npx', 'tsx', `runbooks/${name}.ts`, ...[...args, '--env', environment].map(shellWord)];
  // A line breaks between words, and never within `--date`.
  const line = words.map((word, i) => html`${i > 0 && ' '}<span>${word}</span>`);
  return html`<code class="sm-command" title="Click to select">${line}</code>`;
}
