import { type Html, html, markupOf } from './html.ts';

/** Rows that fit, and how many do not. */
export interface CutRows {
  readonly rows: readonly Html[];
  readonly left: number;
}

/** The console shows answers of some hundred KB; with this much for its rows a view stays under 200 KB. */
export const MOST_ROW_BYTES = 130_000;

/** The first rows that fit into so many bytes, whatever is in them. */
export function cutRows(rows: readonly Html[], mostBytes = MOST_ROW_BYTES): CutRows {
  let bytes = 0;
  const end = rows.findIndex((row) => {
    // What is sent is the markup as a JSON string.
    bytes += Buffer.byteLength(JSON.stringify(markupOf(row)));
    return bytes > mostBytes;
  });
  return end < 0 ? { rows, left: 0 } : { rows: rows.slice(0, end), left: rows.length - end };
}

/** Says that a list was cut; nothing when it was not. */
export function cutNote(left: number, things: string): Html | false {
  return (
    left > 0 &&
    html`<p class="sm-note">▲ ${left} more ${things} of this list do not fit here and are not shown.</p>`
  );
}
