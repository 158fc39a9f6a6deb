/**
 * The lines of a text that comes in parts, without their ends (`\n` or `\r\n`). node:readline of Node 24 also ends a line
 * at U+2028. JSON leaves that character as it is, so one entry would become two broken ones.
 */
export async function* linesOf(parts: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = '';
  for await (const part of parts) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map(withoutReturn);
  }
  if (rest !== '') yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
