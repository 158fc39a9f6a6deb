import { html, markupOf } from '../page-kit/html.ts';
import { shellWord } from '../text/shell-text.ts';

/** What commands need besides what every page prints, so that they reach the same system as the page. */
export interface AimedCommands {
  /** Before the command: environment variables, such as `STATE_MANAGER_PORT=5800`. */
  readonly before: readonly string[];
  /** At its end: flags, such as `--profile ops`. */
  readonly after: readonly string[];
}

const COMMAND = /(<code class="sm-command"[^>]*>)(.*?)(<\/code>)/gs;
/** Where a runbook begins, even after something that is piped into it. */
const START = '<span>npx</span>';

/** Completes the commands in finished markup, as `runbookCommand` writes them, so that they can be pasted unchanged. */
export function aimCommands(markup: string, { before, after }: AimedCommands): string {
  if (before.length + after.length === 0) return markup;
  const wordOf = (word: string) => markupOf(html`<span>${shellWord(word)}</span>`);
  const front = before.map((word) => `${wordOf(word)} `).join('');
  const back = after.map((word) => ` ${wordOf(word)}`).join('');
  return markup.replace(COMMAND, (all, begin: string, command: string, end: string) =>
    command.includes(START) ? `${begin}${command.replace(START, `${front}${START}`)}${back}${end}` : all,
  );
}
