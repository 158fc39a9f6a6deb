import type { Plan, PlanEntry } from '../changes/plan.ts';
import { parseStatus } from '../pipeline/status.ts';
import { countOf, grouped } from '../text/number-text.ts';
import { shortened, visibleText } from '../text/visible-text.ts';

/** Counts files by the step that they take, and names what else is set: `failed → pending 10; sets note "x"`. */
export function stepTally() {
  const counts = new Map<string, number>();
  const settings = new Set<string>();
  let byForce = 0;
  return {
    add({ expected, new_status, forced, additional_fields: more = {} }: PlanEntry): void {
      if (forced) byForce += 1;
      const step = visibleText(`${parseStatus(expected.status).status} → ${new_status}`);
      // Statuses of other writers may be any number of texts.
      const name = counts.has(step) || counts.size < MOST_STEPS ? step : 'other steps';
      counts.set(name, (counts.get(name) ?? 0) + 1);
      for (const [attribute, value] of Object.entries(more)) {
        const setting = visibleText(shortened(`${attribute} ${JSON.stringify(value)}`, LONGEST_SETTING));
        settings.add(settings.size < MOST_SETTINGS ? setting : 'other values');
      }
    },
    forced: () => byForce,
    text: () => {
      const steps = [...counts].map(([step, count]) => `${step} ${grouped(count)}`).join(', ');
      return settings.size === 0 ? steps : `${steps}; also sets ${[...settings].join(', ')}`;
    },
  };
}

const MOST_STEPS = 20;
const MOST_SETTINGS = 10;
const LONGEST_SETTING = 500;

/** Such as `Change 10 files (failed → pending 10; 2 of them forced)`. */
export async function planText(plan: Pick<Plan, 'files' | 'entries'>): Promise<string> {
  const steps = stepTally();
  for await (const entry of plan.entries()) steps.add(entry);
  const forced = steps.forced() === 0 ? '' : `; ${grouped(steps.forced())} of them forced`;
  return `Change ${countOf(plan.files, 'file')} (${steps.text()}${forced})`;
}
