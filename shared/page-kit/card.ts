import { cutTo } from '../text/visible-text.ts';
import { type Content, type Html, html, markupOf } from './html.ts';

/** The result of reading something for a view. */
export type Read<T> =
  | { readonly kind: 'read'; readonly value: T }
  /** It does not exist; the hint says what to do. */
  | { readonly kind: 'absent'; readonly message: string; readonly hint: string }
  | { readonly kind: 'failed'; readonly message: string };

/** A part of a view: a heading, a body and, at the bottom, how current it is. */
export function card(
  title: Content,
  body: Content,
  foot?: Content,
  width: 'single' | 'double' = 'single',
): Html {
  return html`<section class="sm-card sm-${width}"><h2>${title}</h2>${body}${foot && html`<footer>${foot}</footer>`}</section>`;
}

/** Shown if there is nothing to show; says why, and what to do. */
export function emptyCard(title: Content, why: Content, remedy?: Content, width?: 'double'): Html {
  return card(title, html`<p class="sm-empty">${why}</p>${remedy}`, undefined, width);
}

/** Shown if something could not be read; the rest of the view is shown as usual. */
export function faultCard(title: Content, message: string): Html {
  return html`<section class="sm-card sm-fault" role="alert"><h2>${title}</h2><p><strong>Could not be read.</strong> ${shortMessage(message)}</p></section>`;
}

/** What was read; otherwise a card that says why it is missing. */
export function shown<T>(title: Content, read: Read<T>, show: (value: T) => Content): Content {
  switch (read.kind) {
    case 'read':
      return show(read.value);
    case 'absent':
      return emptyCard(
        title,
        shortMessage(read.message),
        html`<p class="sm-dim">${shortMessage(read.hint)}</p>`,
      );
    case 'failed':
      return faultCard(title, read.message);
  }
}

const LONGEST_MESSAGE = 500;

/** Messages of validators and services can be pages long. */
function shortMessage(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${cutTo(message, LONGEST_MESSAGE)}…` : message;
}

/** A name and its value; left out if there is no value. */
export type Fact = readonly [name: Content, value: Content];

/** Facts below one another, with names on the left. */
export function factList(facts: readonly Fact[]): Html {
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== false);
  return html`<dl class="sm-facts">${known.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

/** The rows that fit, and how many do not. */
export interface CutRows {
  readonly rows: readonly Html[];
  readonly left: number;
}

/** The console shows answers of a few hundred KB; with this limit for its rows, a view stays under 200 KB. */
export const MOST_ROW_BYTES = 130_000;

/** The first rows that fit into this many bytes. */
export function cutRows(rows: readonly Html[], mostBytes = MOST_ROW_BYTES): CutRows {
  let bytes = 0;
  const end = rows.findIndex((row) => {
    // What is sent is the markup as a JSON string.
    bytes += Buffer.byteLength(JSON.stringify(markupOf(row)));
    return bytes > mostBytes;
  });
  return end < 0 ? { rows, left: 0 } : { rows: rows.slice(0, end), left: rows.length - end };
}

/** Says how much of a list is not shown; nothing if all of it is. */
export function cutNote(left: number, things: string): Html | false {
  return left > 0 && html`<p class="sm-note">▲ ${left} more ${things} do not fit here and are not shown.</p>`;
}
