// Control characters, format characters such as those that turn the direction of a line, halves of surrogate
// pairs, and line ends: they are not seen, and change how the text beside them is seen.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const CONTROL_PICTURES = 0x2400;
const DELETE = 0x7f;
const DELETE_PICTURE = '\u2421';

/** Text with everything in it to be seen: `␊` for a line feed, `\u{202e}` for what has no picture of its own. */
export function visibleText(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(CONTROL_PICTURES + code);
    return code === DELETE ? DELETE_PICTURE : `\\u{${code.toString(16)}}`;
  });
}

/** Text cut to so many characters. What is left out is in its middle: names differ at their ends. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  if (characters.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${characters.slice(0, most - 1 - end).join('')}…${characters.slice(-end).join('')}`;
}
