import { middleOf } from '../projection/log-buckets.ts';
import { grouped, percent } from '../text/number-text.ts';
import { durationText } from '../text/time-text.ts';
import { ENOUGH, type LearntLimit, type LearntLimits } from './learnt-limits.ts';

/** What the durations say about a limit, for a person. */
export function verdictText(limit: LearntLimit): string {
  switch (limit.verdict) {
    case 'not_enough_data':
      return `not enough data yet: ${grouped(limit.durations)} of ${grouped(ENOUGH.durations)} durations, ${limit.dates} of ${ENOUGH.dates} dates`;
    case 'tight':
      return `too tight: about ${percent(limit.over_share, 1)} of healthy files stay longer`;
    case 'loose':
      return 'loose: stuck files could be reported sooner';
    case 'fits':
      return 'fits';
  }
}

/** The 99th percentile as a length of time; empty where there is not enough data. */
export function p99Text(limit: LearntLimit): string {
  return 'p99' in limit ? durationText(middleOf(limit.p99) * 1_000) : '';
}

/** From what limits were learnt. */
export function learntFromText({ from, to, factor }: LearntLimits): string {
  return `learnt: p99 × ${factor} of ${from} to ${to}, shown only, never applied automatically`;
}

/**
 * How to set what was learnt for limits that are too tight or loose; undefined where there are none.
 *
 * @param environment in whose settings file it belongs
 */
export function settingText(limits: readonly LearntLimit[], environment: string): string | undefined {
  const others = limits.flatMap((limit) =>
    limit.verdict === 'tight' || limit.verdict === 'loose'
      ? [`"${limit.status}_hours": ${limit.learnt_hours}`]
      : [],
  );
  if (others.length === 0) return undefined;
  const lines = `"pipeline": {"limits": {${others.join(', ')}}}`;
  return `To set what was learnt, put ${lines} into settings.${environment}.json${environment === 'local' ? ', and start it again' : ', and deploy'}.`;
}
