import { abridged } from '../text/visible-text.ts';
import { type Location, parsePath } from './names.ts';

/** What an error text of the pipeline says. */
export interface JobError {
  /** Such as `States.TaskFailed`; undefined when the text is not Step Functions' error object. */
  readonly error: string | undefined;
  /** What went wrong, without ids and arguments around it. */
  readonly message: string;
  readonly jobName: string | undefined;
  readonly runId: string | undefined;
  /** The manifest that the job was started with. */
  readonly manifest: Location | undefined;
  /** The object that the job did not find; undefined when the text names none, or was cut off within its name. */
  readonly missing: Location | undefined;
}

/**
 * Reads an `error_message`: Step Functions' error object as text, `{Error=…, Cause={"ErrorMessage":…}}`, up to 1,000
 * characters and possibly cut off there, or plain text of another writer. Never throws.
 */
export function parseJobError(text: string): JobError {
  const object = /^\{Error=([^,}]*),\s*Cause=(.*)$/s.exec(text.trim());
  const cause = object ? (object[2] ?? '').replace(/\}$/, '') : text;
  // A Glue job's cause has `ErrorMessage`, a Lambda function's `errorMessage`.
  const message = jsonText(cause, 'ErrorMessage') ??
    jsonText(cause, 'errorMessage') ?? {
      text: cause,
      isCut: object !== null && !/\}\s*$/.test(text),
    };
  return {
    error: object?.[1],
    message: message.text,
    jobName: jsonText(cause, 'JobName')?.text,
    runId: jsonText(cause, 'Id')?.text,
    manifest: parsePath(jsonText(cause, '--MANIFEST_PATH')?.text, ''),
    missing: missingIn(message),
  };
}

/**
 * What an `error_message` says went wrong, for people: the error's name, if it says anything, and its message. A text that
 * says neither stays as it is.
 */
export function errorWords(text: string): string {
  const { error = jsonText(text, 'errorType')?.text, message } = parseJobError(text);
  return [message === text ? undefined : tellingName(error), message].filter(Boolean).join(': ') || text;
}

const LONGEST_SHORT = 200;

/** The same in one short line: Step Functions wraps the job's own message in ids and times. */
export function shortErrorWords(text: string): string {
  return abridged(errorWords(text).replace(/\s+/g, ' ').trim(), LONGEST_SHORT);
}

// These only say that a task failed: the message says what failed.
const SAYS_NOTHING = new Set(['States.TaskFailed', 'Exception', 'Error']);

/** The name of an error, unless it says nothing. */
export function tellingName(error: string | undefined): string | undefined {
  return error === undefined || error === '' || SAYS_NOTHING.has(error) ? undefined : error;
}

/** Text that may be cut off. */
interface Read {
  readonly text: string;
  readonly isCut: boolean;
}

/** The text behind a name in JSON that may be cut off anywhere. */
function jsonText(json: string, name: string): Read | undefined {
  const start = new RegExp(`"${name}"\\s*:\\s*"`).exec(json);
  if (!start) return undefined;
  const rest = json.slice(start.index + start[0].length);
  const [body = ''] = /^(?:[^"\\]|\\(?!u[0-9a-f]{0,3}$).)*/is.exec(rest) ?? [];
  return { text: unescaped(body), isCut: rest[body.length] !== '"' };
}

function unescaped(body: string): string {
  try {
    return String(JSON.parse(`"${body}"`));
  } catch {
    return body;
  }
}

/** Keys in URIs are encoded, so a space or a quote ends one; the full stop of a sentence is not part of it. */
function missingIn({ text, isCut }: Read): Location | undefined {
  const match = /Path does not exist:\s*(s3[an]?:\/\/[^\s"'<>]+)/i.exec(text);
  if (!match?.[1]) return undefined;
  const isAtEnd = match.index + match[0].length === text.length;
  return isAtEnd && isCut ? undefined : parsePath(match[1].replace(/[;,.]+$/, ''), '');
}
