import { isoTime } from '../text/time.ts';
import { agoText, utcText } from '../text/time-text.ts';
import { type Html, html } from './html.ts';

/** A moment, as time of the day with its age; the date too where it is not today, or the pointer rests on it. */
export function moment(time: string, now: number): Html {
  const millis = Date.parse(time);
  if (Number.isNaN(millis)) return html`${time.slice(0, LONGEST_TIME)}`;
  const text = utcText(millis);
  const isToday = text.slice(0, DATE_LENGTH) === isoTime(now).slice(0, DATE_LENGTH);
  return html`<time datetime="${isoTime(millis)}" title="${text}">${isToday ? text.slice(DATE_LENGTH + 1) : text} <span class="sm-dim">(${agoText(millis, now)})</span></time>`;
}

/** How current something is, for the foot of a card. */
export function asOf(time: string | null | undefined, now: number): Html {
  return time ? html`as of ${moment(time, now)}` : html`nothing was counted yet`;
}

const DATE_LENGTH = 10;
const LONGEST_TIME = 40;
