import { card, factList } from '../page-kit/card.ts';
import { type Content, type Html, html } from '../page-kit/html.ts';
import { moment } from '../page-kit/moment.ts';
import { grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import type { Stats } from './answers.ts';
import { runbookCommand } from './runbook.ts';
import type { ViewContext } from './view-context.ts';

/** How far the counts can be trusted. */
export function accuracyCard(stats: Stats, { now, environment }: ViewContext): Html {
  const { as_of, lag_seconds: lag, dead_letters_waiting: letters, last_audit: audit } = stats;
  return card(
    'Accuracy',
    html`${factList([
      ['Counted up to', as_of ? moment(as_of, now) : 'nothing counted yet'],
      ['Behind the stream', lag === null ? 'unknown' : durationText(lag * 1_000)],
      ['Dead letters waiting', letters ? lettersText(letters.waiting) : 'not counted yet'],
      ['Last audit', audit ? moment(audit.at, now) : 'none yet'],
      ['Differences it found', audit && auditText(audit)],
    ])}${letters && letters.waiting > 0 && runbookCommand(environment, 'replay-dead-letters')}`,
    html`${letters && html`dead letters as of ${moment(letters.at, now)}`}${letters && environment === 'local' && '. '}${environment === 'local' && 'DynamoDB Local tells the time of a change to the minute.'}`,
  );
}

function lettersText(waiting: number): Content {
  return waiting === 0 ? '0' : html`<span class="sm-bad">▲ ${grouped(waiting)}</span>`;
}

function auditText({
  drift_found: found,
  drift_repaired: repaired,
}: NonNullable<Stats['last_audit']>): Content {
  if (found === 0) return 'none';
  const text = `${grouped(found)}, ${grouped(repaired)} repaired`;
  return found > repaired ? html`<span class="sm-bad">▲ ${text}</span>` : text;
}
