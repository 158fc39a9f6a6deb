import { cutTo } from '../text/visible-text.ts';
/**
 * Takes out of an error text what differs from one occurrence to the next: ids, addresses, paths, times, numbers,
 * quoted names, and what Spark and the AWS SDK wrap around the cause. What is left is one line of words with
 * placeholders such as `<uri>`.
 */
export function reduceText(text: string): string {
  const line = unwrap(tellingLine(cutTo(text, MOST_READ)));
  const replaced = REPLACEMENTS.reduce((left, [pattern, by]) => left.replace(pattern, by), line);
  const marked = replaced.replace(CODE, (_, name: string, code: string) => `${name} ${KEPT}${code}`);
  const words = marked.replace(/[^\s()[\]{},;:=|<>"']+/g, reduceWord);
  return tidy(words);
}

// Texts of other writers may be as long as an item: the beginning shows the cause.
const MOST_READ = 4_000;

/** A traceback's cause is its last line that is not indented; a stack's is its first. */
function tellingLine(text: string): string {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  const isTraceback = lines.some((line) => /^\s*Traceback \(most recent call last\)/.test(line));
  const told = isTraceback ? lines.findLast((line) => !/^\s/.test(line)) : lines[0];
  return (told ?? '').trim();
}

// Whoever passes an error on puts these before the cause; they say where it happened, not why.
const WRAPPERS = [
  // Py4J, for each error of the JVM: `An error occurred while calling o63.parquet.`
  /^An error occurred while calling [a-z]*\d*\.[\w$]+[.:]\s*/i,
  // Spark's scheduler: the last attempt's error follows.
  /^(?:[\w.$]*SparkException:\s*)?Job aborted due to stage failure:.*?most recent failure:\s*/is,
  /^Lost task \d+\.\d+ in stage \d+\.\d+ \(TID \d+\)\s*(?:\([^)]*\))?\s*:?\s*/i,
  // Hadoop's S3 client names the address and what it did there.
  /^(?:(?:\w+ on )?s3[an]?:\/\/[^\s:]+:\s*)+/i,
];

function unwrap(line: string): string {
  const stripped = WRAPPERS.reduce((left, wrapper) => left.replace(wrapper, ''), line);
  return stripped === '' || stripped === line ? line : unwrap(stripped);
}

type Replacement = readonly [RegExp, string];
const HOUR = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?`;

// In this order: what contains others comes first. Parts that begin anywhere are bounded: a text of 4,000 signs without
// a space must not take the square of that.
const REPLACEMENTS: readonly Replacement[] = [
  // The AWS SDK's details: its ids differ each time.
  [/[;,]?\s{0,40}(?:S3 )?(?:Extended )?Request ?ID:\s*[^;,)\s]*(?:\s*[;,]\s*Proxy:\s*\w+)?/gi, ''],
  [/[;,]\s*Proxy:\s*\w+/gi, ''],
  [/\barn:aws[\w-]*:[^\s"'<>()[\]{},;]+/gi, '<arn>'],
  [/\b[a-z][a-z0-9+.-]{0,200}:\/\/[^\s"'<>()[\]{},;]+/gi, '<uri>'],
  [/(?<![\w.])[\w.+-]{1,200}@[\w-]+(?:\.[\w-]+)+/g, '<address>'],
  // A quotation mark within a word is an apostrophe.
  [/(?<![\w])(["'`])(?:(?!\1)[^\n]){0,300}?\1(?!\w)/g, '<name>'],
  // A list of values; the classes of newer Spark errors stand in brackets too: [PATH_NOT_FOUND].
  [/\[(?![A-Z][A-Z_.]+\])[^[\]]*\]/g, '[…]'],
  [
    new RegExp(String.raw`\b\d{4}-\d{2}-\d{2}(?:[T ]${HOUR})?(?:Z|[+-]\d{2}:?\d{2})?(?![\w-])`, 'g'),
    '<time>',
  ],
  [new RegExp(String.raw`(?<![\w:.])${HOUR}(?![\w:])`, 'g'), '<time>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<address>'],
  [/(?<![\w<])(?:[a-z]:)?[/\\](?:[^\s"'()[\]{},;:/\\]+[/\\])+[^\s"'()[\]{},;:]*/gi, '<path>'],
];

/** The codes of protocols and processes identify a cause; there are few of them. */
const CODE = /\b((?:status|exit|error|return)(?: code| status)?:?|HTTP|errno)\s+(\d{1,3})\b/gi;
// Marks a number that must stay; no text contains it.
const KEPT = '\u0000';
// Words that have a digit and always the same one.
const WORDS_WITH_DIGITS =
  /^(?:s3[an]?|ec2|utf-?8|utf-?16|md5|sha-?\d{1,3}|base64|ipv[46]|http\/?[12](?:\.\d)?|int(?:8|16|32|64)|uint\d{1,2}|float(?:32|64)|java\d{1,2}|python[23]?|log4j2?|py4j|boto3|oauth2)$/i;
// `AmazonS3Exception`, `com.amazonaws.services.s3.model.NoSuchKey`, `ListObjectsV2`: names of code.
const CODE_NAME =
  /^(?:[a-z][a-z0-9_]*\.)+[A-Z][A-Za-z0-9$]*$|^[A-Z][a-z][A-Za-z0-9]*(?:Exception|Error|Fault|Failure|V\d)$/;

function reduceWord(word: string): string {
  if (word.startsWith(KEPT)) return word.slice(KEPT.length);
  if (!/\d/.test(word)) return isHexId(word) ? '<id>' : word;
  const end = /(?<![.!?])[.!?]+$/.exec(word)?.[0] ?? '';
  const bare = word.slice(0, word.length - end.length);
  if (WORDS_WITH_DIGITS.test(bare) || CODE_NAME.test(bare)) return word;
  if (/^[+-]?\d[\d.,_]*(?:e[+-]?\d+)?(?:%|[a-z]{1,5}(?:\/s)?)?$/i.test(bare)) return `<n>${end}`;
  return `<id>${end}`;
}

function isHexId(word: string): boolean {
  return /^[a-f]{16,}$/i.test(word) || word.length > 64;
}

function tidy(text: string): string {
  return text
    .replace(/(<[a-z]+>)(?:[\s,;/|.:-]*\1)+/g, '$1')
    .replace(/\s+/g, ' ')
    .replace(/(?<![\s:;,.])[\s:;,.]+$/, '')
    .trim();
}
