import { dayOf } from '../../shared/text/time.ts';
import type { Fault, FaultWeights } from '../simulator/faults.ts';

/** What goes wrong at random during the story: only faults that need no action. */
export const STORY_WEIGHTS: FaultWeights = {
  late: 0.06,
  refused: 0.01,
  other_object: 0.01,
  quarantined: 0.01,
  odd_time: 0.02,
  uploaded_again: 0.01,
  claim_released: 0.08,
  report_missing: 0.05,
  completed_again: 0.3,
};

/** What happens, when, and to how many manifests of today; `docs/tour.md` walks through it. */
const EVENTS: readonly { readonly fault: Fault; readonly afterMillis: number; readonly manifests: number }[] =
  [
    { fault: 'job_failed', afterMillis: 10_000, manifests: 4 },
    { fault: 'manifest_lost', afterMillis: 20_000, manifests: 1 },
    { fault: 'job_hung', afterMillis: 30_000, manifests: 1 },
  ];
// Before the records of the failed files expire, so that it can be found later, too.
const AGAIN_MILLIS = 480_000;

/**
 * Lets a story happen, again and again: jobs fail for one reason, a manifest is lost, a job hangs.
 *
 * @returns ends it
 */
export function tellStory(
  { plant }: { plant(fault: Fault, date?: string): void },
  now: () => number,
): () => void {
  let timers: NodeJS.Timeout[] = [];
  const begin = () => {
    timers = EVENTS.map(({ fault, afterMillis, manifests }) =>
      setTimeout(() => {
        for (let i = 0; i < manifests; i++) plant(fault, dayOf(now()));
      }, afterMillis),
    );
    timers.push(setTimeout(begin, AGAIN_MILLIS));
  };
  begin();
  return () => {
    for (const timer of timers) clearTimeout(timer);
  };
}
