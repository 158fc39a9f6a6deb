import type { Readable } from 'node:stream';

const TAIL_BYTES = 4096;

/** The last 4 KB of one invocation's log, as Lambda returns them for `LogType: Tail`. */
export type LogTail = { add(line: string): void; text(): string };

export function createLogTail(): LogTail {
  let kept = Buffer.alloc(0);
  return {
    add(line) {
      kept = Buffer.concat([kept, Buffer.from(`${line}\n`)]).subarray(-TAIL_BYTES);
    },
    text: () => kept.toString(),
  };
}

/**
 * Calls back with each complete line. Not node:readline, which also ends a line at U+2028, a character
 * that JSON leaves as it is and a file name may hold: one log record would become two broken ones.
 */
export function readLines(input: Readable, onLine: (line: string) => void): void {
  let rest = '';
  input.setEncoding('utf8');
  input.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  input.on('end', () => {
    if (rest) onLine(rest);
  });
}

export function startLine(requestId: string): string {
  return `START RequestId: ${requestId} Version: $LATEST`;
}

export function endLine(requestId: string): string {
  return `END RequestId: ${requestId}`;
}

export function reportLine(report: {
  requestId: string;
  milliseconds: number;
  memoryMegabytes: number;
  maxMemoryMegabytes: number;
}): string {
  return [
    `REPORT RequestId: ${report.requestId}`,
    `Duration: ${report.milliseconds.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(report.milliseconds)} ms`,
    `Memory Size: ${report.memoryMegabytes} MB`,
    `Max Memory Used: ${report.maxMemoryMegabytes} MB`,
  ].join('\t');
}
