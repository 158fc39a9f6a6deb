import { isoTime } from '../text/time.ts';
import { ageText, agoText, utcText } from '../text/time-text.ts';
import { cutTo } from '../text/visible-text.ts';
import { type Html, html } from './html.ts';

/** A time with its age. The date is shown if it is not today, and when the pointer rests on it. */
export function moment(time: string, now: number): Html {
  const millis = Date.parse(time);
  if (Number.isNaN(millis)) return html`${cutTo(time, LONGEST_TIME)}`;
  const text = utcText(millis);
  const isToday = text.slice(0, DATE_LENGTH) === isoTime(now).slice(0, DATE_LENGTH);
  return html`<time datetime="${isoTime(millis)}" title="${text}">${isToday ? text.slice(DATE_LENGTH + 1) : text} <span class="sm-dim">(${agoText(millis, now)})</span></time>`;
}

/** A sentence whose times, such as `2026-11-23 05:22:53Z`, the page can show in its reader's time zone. */
export function timesMarked(sentence: string): Html[] {
  return sentence
    .split(/(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ)/)
    .map((part, i) =>
      i % 2 === 0
        ? html`${part}`
        : html`<time datetime="${isoTime(Date.parse(part))}" title="${part}">${part}</time>`,
    );
}

/** Only how long ago something was, for a cell of a list. */
export function age(time: string, now: number): Html {
  const millis = Date.parse(time);
  return html`<time class="sm-age" datetime="${isoTime(millis)}" title="${utcText(millis)}">${ageText(millis, now)}</time>`;
}

/** How current something is, for the bottom of a card. */
export function asOf(time: string | null | undefined, now: number): Html {
  return time ? html`as of ${moment(time, now)}` : html`as of an unknown time`;
}

const DATE_LENGTH = 10;
const LONGEST_TIME = 40;
