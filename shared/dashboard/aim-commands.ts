import { html, markupOf } from '../page-kit/html.ts';
import { shellWord } from '../text/shell-text.ts';

/** What commands need besides what every page prints, so that they reach the same system as the page. */
export interface AimedCommands {
  /** Before the command: environment variables as a shell takes them, such as `STATE_MANAGER_PORT=5800`. */
  readonly before: readonly string[];
  /** At its end: flags, such as `--profile ops`. */
  readonly after: readonly string[];
  /** The profile that commands of the AWS CLI need. */
  readonly profile?: string | undefined;
}

const COMMAND = /(<code class="sm-command"[^>]*>)(.*?)(<\/code>)/gs;
/** Where a runbook begins, even after something that is piped into it. */
const START = '<span>npx</span>';

/** Completes the commands in finished markup, as `commandLine` writes them, so that they can be pasted unchanged. */
export function aimCommands(markup: string, { before, after, profile }: AimedCommands): string {
  const shown = (text: string) => markupOf(html`<span>${text}</span>`);
  const wordOf = (word: string) => shown(shellWord(word));
  const front = before.map((word) => `${shown(word)} `).join('');
  const back = after.map((word) => ` ${wordOf(word)}`).join('');
  const aim = (command: string) => {
    if (command.startsWith('aws ')) return profile ? `${command} --profile ${wordOf(profile)}` : command;
    return command.includes(START) ? command.replace(START, () => `${front}${START}`) + back : command;
  };
  return markup.replace(
    COMMAND,
    (_, begin: string, command: string, end: string) => `${begin}${aim(command)}${end}`,
  );
}
