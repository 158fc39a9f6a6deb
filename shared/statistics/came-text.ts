import type { ArrivalsAnswer, ExpectedAnswer } from '../projection/health.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { durationText, utcText } from '../text/time-text.ts';
import { isMissing } from './expected-files.ts';

/** How many files of a date arrived, and whether that is usual, as text for people. */
export function cameText({ came, state, usual, compared, quiet_hours = 0 }: ArrivalsAnswer): string {
  const files = `${countOf(came, 'file')} arrived`;
  if (usual === null || state === 'unknown') return `${files}; nothing to compare with yet`;
  if (quiet_hours > 0 && came >= usual.from)
    return `${files}, but NONE in the last ${quiet_hours}h, unlike on ${compared} comparable days`;
  const words = { as_usual: 'as usual', fewer: 'FEWER than usual', more: 'MORE than usual' }[state];
  return `${files}, ${words} (${grouped(usual.from)} to ${grouped(usual.to)} on ${compared} comparable days)`;
}

/** Why no date is compared, as text for people. @param seconds how far the counts were behind the stream */
export function behindText(seconds: number): string {
  return `arrivals are not compared: the counts are ${durationText(seconds * 1_000)} behind the stream`;
}

/** Whether the expected files of a date have arrived, as text for people. */
export function expectedText(answer: ExpectedAnswer): string {
  const { prefix, at_least, by, came } = answer;
  const named = prefix === undefined ? '' : ` named ${prefix}…`;
  const time = `expected by ${utcText(by).slice(0, 16)}Z`;
  return isMissing(answer)
    ? `ONLY ${countOf(came, 'file')}${named} arrived; at least ${grouped(at_least)} ${at_least === 1 ? 'was' : 'were'} ${time}`
    : `at least ${countOf(at_least, 'file')}${named} arrived, as ${time}`;
}
