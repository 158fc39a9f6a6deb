import stringWidth from 'string-width';

/** Text padded to a width in terminal columns, of which wide characters take two. */
export function padTo(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'right' ? fill + text : text + fill;
}
