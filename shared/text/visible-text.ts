// Control characters, format characters such as those that turn the direction of a line, halves of surrogate
// pairs, and line ends: they are invisible, and change how the text beside them looks.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const CONTROL_PICTURES = 0x2400;
const DELETE = 0x7f;
const DELETE_PICTURE = '\u2421';

/** Text in which everything is visible: `␊` for a line feed, `\u{202e}` for what has no picture of its own. */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
    return code === DELETE ? DELETE_PICTURE : `\\u{${code.toString(16)}}`;
  });
}

// Only the colors that we print: none of these sequences moves a cursor or hides a word.
const ESCAPE = String.fromCharCode(0x1b);
const LINE_PARTS = new RegExp(`(${ESCAPE}\\[(?:[0-2]|2[1-9]|3[1-69])m|\\n)`);

/**
 * Text as it is printed for people, whatever record its words come from: line ends stay, and so do our colors where
 * they are shown; everything else becomes visible.
 */
export function printable(text: string, hasColors: boolean): string {
  const parts = text.split(LINE_PARTS);
  return parts
    .map((part, i) => (i % 2 === 1 && (hasColors || part === '\n') ? part : visibleText(part)))
    .join('');
}

/** JSON text in which everything is visible and that still means the same: a terminal obeys more than JSON escapes. */
export function visibleJson(json: string): string {
  return json.replace(INVISIBLE, (character) => {
    if (character === '\n') return character;
    return [...Array(character.length).keys()].map((i) => escaped(character.charCodeAt(i))).join('');
  });
}

function escaped(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

/** The beginning of a text, of at most `most` UTF-16 units, without half of a character at its end. */
export function cutTo(text: string, most: number): string {
  return text.slice(0, most).replace(/\p{Cs}$/u, '');
}

/** The same for people: what was cut ends with `…`. */
export function abridged(text: string, most: number): string {
  return text.length > most ? `${cutTo(text, most - 1)}…` : cutTo(text, most);
}

/** Text shortened in its middle to at most `most` characters, because names differ at their ends. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${characters.slice(0, most - 1 - end).join('')}…${characters.slice(-end).join('')}`;
}
