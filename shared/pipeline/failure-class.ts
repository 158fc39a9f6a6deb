import { createHash } from 'node:crypto';
import { cutTo } from '../text/visible-text.ts';
import { parseJobError, tellingName } from './job-error.ts';
import { reduceText } from './reduce-text.ts';

/** What failures of one cause have in common. */
export interface FailureClass {
  /** Names the class in flags, links and keys: words of its text, the version of the rules, and a hash. */
  readonly id: string;
  /** Its error text without what differs from file to file. One line. */
  readonly text: string;
}

/**
 * The version of the rules below. A class of other rules has another id: new failures get it, and a rebuild moves
 * the old ones there.
 */
const CLASS_VERSION = 1;

/**
 * For longer texts only the beginning decides the class: the pipeline cuts an error text off at 1,000 characters, of
 * which the job's arguments and Spark's own words may take more than half.
 */
const MOST_CHARACTERS = 160;
const SLUG_WORDS = 5;
const SLUG_CHARACTERS = 48;
const HASH_DIGITS = 6;

/** The form of a class's id. */
export const CLASS_ID = /^[a-z0-9]+(?:-[a-z0-9]+)*-\d+-[0-9a-f]{6}$/;

/** The class of failures that left no text. */
export const NO_ERROR_TEXT = 'no error text';

/**
 * The class of an `error_message`, whoever wrote it. The same text always has the same class. Never throws.
 *
 * @param errorMessage as in the record; a text, or whatever another tool has put there
 */
export function failureClass(errorMessage: unknown): FailureClass {
  const text = classText(errorMessage);
  return { id: `${slug(text)}-${CLASS_VERSION}-${hash(text)}`, text };
}

function classText(errorMessage: unknown): string {
  const { error, message } = parseJobError(asText(errorMessage));
  const reduced = reduceText(message);
  const text = [tellingName(error), reduced].filter(Boolean).join(': ');
  return text === '' ? NO_ERROR_TEXT : cut(text);
}

function asText(errorMessage: unknown): string {
  if (typeof errorMessage === 'string') return errorMessage;
  if (errorMessage === undefined || errorMessage === null) return '';
  try {
    return JSON.stringify(errorMessage) ?? '';
  } catch {
    return String(errorMessage);
  }
}

/** Ends with a whole word, so that a text cut off elsewhere falls into the same class. */
function cut(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const end = text.lastIndexOf(' ', MOST_CHARACTERS);
  return `${cutTo(text, end > 0 ? end : MOST_CHARACTERS)} …`;
}

function slug(text: string): string {
  const words = text
    .replace(/<[a-z]+>|\[…\]/g, ' ')
    .replace(/\b(?:[a-z]\w*\.)+(?=[A-Z])/g, '')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !SMALL_WORDS.has(word));
  const short = words.slice(0, SLUG_WORDS).join('-').slice(0, SLUG_CHARACTERS).replace(/-$/, '');
  return short === '' ? 'other' : short;
}

// A name is short: these words do not distinguish causes.
const SMALL_WORDS = new Set([
  'a',
  'an',
  'are',
  'for',
  'in',
  'is',
  'of',
  'occurred',
  'the',
  'to',
  'when',
  'with',
]);

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_DIGITS);
}
