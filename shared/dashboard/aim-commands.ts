import { html, markupOf } from '../page-kit/html.ts';
import { shellWord } from '../text/shell-text.ts';

/** What commands need beside what every page prints, so that they lead to what the page shows. */
export interface AimedCommands {
  /** Before the command: a variable that is set, such as `STATE_MANAGER_PORT=5800`. */
  readonly before: readonly string[];
  /** At its end: flags, such as `--profile ops`. */
  readonly after: readonly string[];
}

const COMMAND = /(<code class="sm-command"[^>]*>)(.*?)(<\/code>)/gs;
/** Where a runbook begins, after what is piped into it, too. */
const START = '<span>npx</span>';

/** Finished markup whose commands, as `runbookCommand` writes them, can be pasted as they stand. */
export function aimCommands(markup: string, { before, after }: AimedCommands): string {
  if (before.length + after.length === 0) return markup;
  const wordOf = (word: string) => markupOf(html`<span>${shellWord(word)}</span>`);
  const front = before.map((word) => `${wordOf(word)} `).join('');
  const back = after.map((word) => ` ${wordOf(word)}`).join('');
  return markup.replace(COMMAND, (all, begin: string, command: string, end: string) =>
    command.includes(START) ? `${begin}${command.replace(START, `${front}${START}`)}${back}${end}` : all,
  );
}
