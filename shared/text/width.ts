import stringWidth from 'string-width';

/** Text filled up to a width in terminal columns, which wide characters take two of. */
export function padTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? fill + text : text + fill;
}

/** Text of at most `width` columns: what is too long loses its middle, since a key's ends tell it apart. */
export function shortenMiddle(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const room = Math.max(0, width - 1);
  const tail = takeWidth([...text].reverse(), Math.floor(room / 2)).reverse();
  const head = takeWidth([...text], room - stringWidth(tail.join('')));
  return `${head.join('')}…${tail.join('')}`;
}

function takeWidth(characters: readonly string[], width: number): string[] {
  let left = width;
  const end = characters.findIndex((character) => {
    left -= stringWidth(character);
    return left < 0;
  });
  return characters.slice(0, end < 0 ? characters.length : end);
}
