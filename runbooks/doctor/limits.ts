import { type LearntLimit, type LearntLimits, readLearntLimits } from '../../shared/orphans/learnt-limits.ts';
import { settingText, verdictText } from '../../shared/orphans/learnt-limits-text.ts';
import { limitsOfProfile } from '../../shared/orphans/limits.ts';
import { hoursText } from '../../shared/text/time-text.ts';
import type { Asked } from './asked.ts';
import { check, type Judgement } from './check.ts';

/** Whether healthy files pass the limits that are set, by the durations of the last weeks. */
export const limits = check<LearntLimits | undefined>({
  name: 'limits',
  deployed: true,
  permission: 'dynamodb:Query',
  async read(reading, { projectionTable, settings, now }) {
    if (!(await reading.table(projectionTable))) return undefined;
    return readLearntLimits(reading.deps.projection, settings.profile, now);
  },
  judge: judgeLimits,
});

/** @param learnt undefined where nothing is learnt: durations are not counted, or there is no table */
export function judgeLimits(learnt: LearntLimits | undefined, asked: Asked): Judgement {
  if (!learnt) {
    const set = Object.entries(limitsOfProfile(asked.settings.profile));
    const texts = set.map(([status, hours]) => `${status} ${hoursText(hours)}`);
    return { level: 'ok', found: `${texts.join(', ')}; none is learnt without counters.flow` };
  }
  const found = learnt.limits.map((limit) => limitText(limit, learnt)).join('; ');
  const tight = learnt.limits.filter(({ verdict }) => verdict === 'tight');
  const say = settingText(tight, asked.environment);
  if (say === undefined) return { level: 'ok', found };
  return { level: 'warning', found, remedy: { say, run: asked.runbook('stats', '--durations') } };
}

function limitText(limit: LearntLimit, { factor }: LearntLimits): string {
  const learnt =
    'learnt_hours' in limit ? `; learnt from p99 × ${factor}: ${hoursText(limit.learnt_hours)}` : '';
  return `${limit.status} ${hoursText(limit.configured_hours)} (${verdictText(limit)}${learnt})`;
}
