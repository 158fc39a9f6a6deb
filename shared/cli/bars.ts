const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar from `start` to `end`, given as fractions of a line `width` columns wide; always at least a sliver. */
export function barText(start: number, end: number, width: number): string {
  const from = Math.min(Math.floor(start * width), width - 1);
  const eighths = Math.max(1, Math.round((end * width - from) * 8));
  return ' '.repeat(from) + '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

/** Counts as a line of small columns, the greatest as high as the line; 0 is the lowest. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts, 1);
  return counts.map((count) => LEVELS[Math.round((Math.max(0, count) / most) * 7)]).join('');
}
