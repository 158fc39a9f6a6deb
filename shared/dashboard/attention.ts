import { missedAfterHours } from '../aws/schedule.ts';
import type { Stats } from '../operations/get-stats.ts';
import { type Html, html } from '../page-kit/html.ts';
import { IN_FLIGHT_STATUSES } from '../pipeline/status.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import type { AcknowledgedNow } from './acknowledged.ts';
import type { ViewRequest } from './requests.ts';
import { orphansIn, type SweepNow } from './sweep-now.ts';
import type { ViewContext } from './view.ts';

/** Something that needs attention. */
export interface Concern {
  readonly text: string;
  /** Where more is shown. */
  readonly to?: ViewRequest;
}

const LONGEST_LAG_SECONDS = 300;
const LONGEST_STANDSTILL_MILLIS = 3_600_000;
const LONGEST_WITHOUT_SWEEP_MILLIS = missedAfterHours('sweep') * 3_600_000;
const LONGEST_WITHOUT_AUDIT_MILLIS = missedAfterHours('audit') * 3_600_000;

/**
 * What needs attention now, the most urgent first; nothing when all is well.
 *
 * @param known what is acknowledged and so needs no attention
 */
export function concerns(
  stats: Stats | undefined,
  sweep: SweepNow | undefined,
  now: number,
  known?: Pick<AcknowledgedNow, 'late'>,
): Concern[] {
  return [
    ...(stats ? accuracyConcerns(stats, now) : []),
    ...(sweep ? sweepConcerns(sweep, now) : []),
    ...(stats ? lateConcerns(stats, known) : []),
  ];
}

function accuracyConcerns(stats: Stats, now: number): Concern[] {
  const { lag_seconds: lag, dead_letters_waiting: letters, last_audit: audit } = stats;
  const inFlight = IN_FLIGHT_STATUSES.reduce((sum, status) => sum + stats.stats[status], 0);
  const still = now - Date.parse(stats.as_of ?? new Date(now).toISOString());
  const drift = audit ? audit.drift_found - audit.drift_repaired : 0;
  return [
    ...when(
      letters && letters.waiting > 0,
      `${countOf(letters?.waiting ?? 0, 'dead letter')} could not be applied and must be replayed.`,
    ),
    ...when(
      (lag ?? 0) > LONGEST_LAG_SECONDS,
      `The counts are ${durationText((lag ?? 0) * 1_000)} behind the stream.`,
    ),
    ...when(
      inFlight > 0 && still > LONGEST_STANDSTILL_MILLIS,
      `Nothing has moved for ${durationText(still)}, with ${countOf(inFlight, 'file')} in flight.`,
    ),
    ...when(stats.incomplete, stats.incomplete ?? ''),
    ...when(
      (audit?.issues_found ?? 0) > 0,
      `The last audit found ${countOf(audit?.issues_found ?? 0, 'issue')}: files that are not converted.`,
    ),
    ...when(drift > 0, `The last audit left ${countOf(drift, 'difference')} unrepaired.`),
    ...when(
      audit && isOlder(audit.at, LONGEST_WITHOUT_AUDIT_MILLIS, now),
      `The last audit was ${ageOf(audit?.at, now)} ago.`,
    ),
  ];
}

function sweepConcerns(sweep: SweepNow, now: number): Concern[] {
  const orphans = orphansIn(sweep);
  return [
    ...when(orphans > 0, `${countOf(orphans, 'orphan')} ${orphans === 1 ? 'is' : 'are'} stuck for good.`, {
      view: 'orphans',
    }),
    ...when(
      isOlder(sweep.at, LONGEST_WITHOUT_SWEEP_MILLIS, now),
      `The last sweep was ${ageOf(sweep.at, now)} ago.`,
      { view: 'orphans' },
    ),
  ];
}

/** From the counters, so always current; a sweep says only hours later why. */
function lateConcerns({ in_flight }: Stats, known: Pick<AcknowledgedNow, 'late'> | undefined): Concern[] {
  return IN_FLIGHT_STATUSES.flatMap((status) => {
    const {
      over_limit = 0,
      over_limit_at_most = over_limit,
      limit_hours: limit = 0,
    } = in_flight?.[status] ?? {};
    const acknowledged = known?.late[status] ?? 0;
    const [over, most] = [over_limit - acknowledged, over_limit_at_most - acknowledged];
    // Ages are counted by the hour, so within the hour there may be more.
    const files = most > over ? `${grouped(over)} to ${countOf(most, 'file')}` : countOf(over, 'file');
    const text = `${files} ${most === 1 ? 'has' : 'have'} been ${status} for longer than allowed${knownToo(acknowledged)}.`;
    // The link uses the same limit, so the list has as many files as are counted, including acknowledged ones.
    return when(over > 0, text, { view: 'files', status, older: hoursWord(limit) });
  });
}

function knownToo(acknowledged: number): string {
  if (acknowledged === 0) return '';
  return `, plus ${grouped(acknowledged)} that ${acknowledged === 1 ? 'is' : 'are'} acknowledged`;
}

/** Hours in the form of a request: a duration whose smallest unit is a second. */
export function hoursWord(hours: number): string {
  return Number.isInteger(hours) ? `${hours}h` : `${Math.round(hours * 3_600)}s`;
}

function when(holds: unknown, text: string, to?: ViewRequest): Concern[] {
  return holds ? [{ text, ...(to && { to }) }] : [];
}

function isOlder(time: string, millis: number, now: number): boolean {
  return now - Date.parse(time) > millis;
}

function ageOf(time: string | undefined, now: number): string {
  return durationText(now - Date.parse(time ?? ''));
}

/**
 * The first thing on the page: whether action is needed.
 *
 * @param unchecked what could not be checked; unless it is empty, the banner never says that all is well
 */
export function banner(
  concerns: readonly Concern[],
  unchecked: readonly string[],
  context: ViewContext,
): Html {
  if (concerns.length > 0) return concernsBanner(concerns, context);
  if (unchecked.length > 0) {
    return html`<div class="sm-banner sm-unsure" role="status">${QUESTION}<div><strong>No problems found so far.</strong> Not checked: ${unchecked.join('; ')}.</div></div>`;
  }
  return html`<div class="sm-banner sm-well" role="status">${TICK}<div><strong>All is well.</strong> No action needed.</div></div>`;
}

function concernsBanner(concerns: readonly Concern[], { navigation }: ViewContext): Html {
  const [first, ...others] = concerns.map(
    ({ text, to }) => html`${text}${to && html` ${navigation.link('Show them', to)}`}`,
  );
  return html`<div class="sm-banner sm-look" role="status">${MARK}<div><strong>Action needed.</strong> ${first}${others.map((other) => html`<br>${other}`)}</div></div>`;
}

const TICK = html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><circle cx="10" cy="10" r="9"/><path d="M5.8 10.4 8.8 13.4 14.4 7" class="sm-tick"/></svg>`;
const MARK = html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M10 1.5 19 17.5H1z"/><path d="M10 7v5M10 14.2v.8" class="sm-tick"/></svg>`;
const QUESTION = html`<svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><circle cx="10" cy="10" r="9"/><path d="M7.4 7.6a2.6 2.6 0 1 1 3.8 2.3c-.8.5-1.2.9-1.2 1.8M10 14.2v.4" class="sm-tick"/></svg>`;
